package org.pgrunbook.runbook;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.ClassCodeVisitorSupport;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.expr.ArgumentListExpression;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.DeclarationExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.GStringExpression;
import org.codehaus.groovy.ast.expr.MapEntryExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.CaseStatement;
import org.codehaus.groovy.ast.stmt.IfStatement;
import org.codehaus.groovy.ast.stmt.ReturnStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.ast.stmt.SwitchStatement;
import org.codehaus.groovy.ast.stmt.ThrowStatement;
import org.codehaus.groovy.control.SourceUnit;
import org.pgrunbook.runbook.Outline.Item;
import org.pgrunbook.runbook.Outline.Kind;
import org.pgrunbook.runbook.Outline.Span;

/**
 * Reads the procedure right after parsing: its outline, and those {@link Rule}s that need no types.
 */
final class Manners extends ClassCodeVisitorSupport {
  private static final Pattern SECRET =
      Pattern.compile("(?i).*(password|passwd|passphrase|secret|token).*");

  private final SourceUnit source;
  private final String file;
  private final List<Item> items = new ArrayList<>();
  private final List<Mistake> mistakes = new ArrayList<>();
  private final List<Span> elsewhere = new ArrayList<>();
  private Map<String, Integer> names = new HashMap<>();
  private final Deque<String> within = new ArrayDeque<>();
  private boolean confirmed;

  Manners(SourceUnit source, String file) {
    this.source = source;
    this.file = file;
  }

  List<Item> items() {
    return items;
  }

  List<Mistake> mistakes() {
    return mistakes;
  }

  /** Code that runs where it is called, not where it stands: methods and closures with a name. */
  List<Span> elsewhere() {
    return elsewhere;
  }

  /** A secret is no default of a parameter, either. */
  void defaultOf(String name, Expression value) {
    secret(name, value);
  }

  @Override
  protected SourceUnit getSourceUnit() {
    return source;
  }

  @Override
  public void visitMethodCallExpression(MethodCallExpression call) {
    if (!call.isImplicitThis()) {
      if ("secretStdin".equals(call.getMethodAsString())) {
        secret("secretStdin", first(call));
      }
      super.visitMethodCallExpression(call);
      return;
    }
    switch (String.valueOf(call.getMethodAsString())) {
      case "step" -> step(call);
      case "undo" -> {
        outsideOfSteps(call);
        item(Kind.UNDO, call);
      }
      case "always" -> {
        outsideOfSteps(call);
        item(Kind.ALWAYS, call);
      }
      case "lock" -> {
        outsideOfSteps(call);
        super.visitMethodCallExpression(call);
      }
      case "confirm" -> {
        item(Kind.CONFIRM, call);
        confirmed = true;
      }
      case "pointOfNoReturn" -> {
        if (!confirmed) {
          mistake(Rule.NO_CONFIRM, "nobody is asked before the point of no return", call);
        }
        item(Kind.POINT_OF_NO_RETURN, call);
      }
      default -> super.visitMethodCallExpression(call);
    }
  }

  private void step(MethodCallExpression call) {
    if (first(call) instanceof ConstantExpression name) {
      Integer before = names.putIfAbsent(name.getText(), call.getLineNumber());
      if (before != null) {
        mistake(
            Rule.STEP_NAME_TWICE,
            "step \"%s\" is there already, in line %d".formatted(name.getText(), before),
            call);
      }
    }
    Map<String, Integer> outside = names;
    names = new HashMap<>();
    within.push(text(first(call)));
    item(Kind.STEP, call);
    within.pop();
    names = outside;
  }

  private void outsideOfSteps(MethodCallExpression call) {
    if (!within.isEmpty()) {
      mistake(
          Rule.SAID_INSIDE_STEP,
          "\"%s\" is said inside of step \"%s\"".formatted(call.getMethodAsString(), within.peek()),
          call);
    }
  }

  private void item(Kind kind, MethodCallExpression call) {
    int level = kind == Kind.STEP ? within.size() - 1 : within.size();
    String text = kind == Kind.POINT_OF_NO_RETURN ? "" : text(last(call, kind));
    items.add(new Item(kind, text, level, span(call), List.of()));
    super.visitMethodCallExpression(call);
  }

  /** {@code confirm} has its question last, the others have their name first. */
  private static Expression last(MethodCallExpression call, Kind kind) {
    return kind == Kind.CONFIRM && call.getArguments() instanceof ArgumentListExpression arguments
        ? arguments.getExpressions().getLast()
        : first(call);
  }

  private static Expression first(MethodCallExpression call) {
    return call.getArguments() instanceof ArgumentListExpression arguments
            && !arguments.getExpressions().isEmpty()
        ? arguments.getExpression(0)
        : null;
  }

  static String text(Expression expression) {
    return switch (expression) {
      case ConstantExpression constant -> constant.getText();
      case GStringExpression text -> text.getText().replaceAll("\\$(\\{[^}]*}|[\\w.()]+)", "…");
      case null, default -> "…";
    };
  }

  @Override
  public void visitDeclarationExpression(DeclarationExpression declaration) {
    if (declaration.getRightExpression() instanceof ClosureExpression closure) {
      elsewhere.add(span(closure));
    }
    super.visitDeclarationExpression(declaration);
  }

  @Override
  public void visitBinaryExpression(BinaryExpression binary) {
    if (binary.getOperation().getText().equals("=")) {
      switch (binary.getLeftExpression()) {
        case VariableExpression variable -> secret(variable.getName(), binary.getRightExpression());
        case PropertyExpression property ->
            secret(property.getPropertyAsString(), binary.getRightExpression());
        default -> {}
      }
    }
    super.visitBinaryExpression(binary);
  }

  @Override
  public void visitMapEntryExpression(MapEntryExpression entry) {
    secret(entry.getKeyExpression().getText(), entry.getValueExpression());
    super.visitMapEntryExpression(entry);
  }

  private void secret(String name, Expression value) {
    if (name != null
        && SECRET.matcher(name).matches()
        && value instanceof ConstantExpression constant
        && constant.getValue() instanceof String text
        && !text.isEmpty()) {
      mistake(Rule.LITERAL_SECRET, "\"" + name + "\" is written down here", value);
    }
  }

  @Override
  public void visitMethod(MethodNode method) {
    elsewhere.add(span(method));
    Map<String, Integer> outside = names;
    names = new HashMap<>();
    super.visitMethod(method);
    names = outside;
  }

  // Of two branches one is taken, so a name may be in both.

  @Override
  public void visitIfElse(IfStatement branches) {
    branches.getBooleanExpression().visit(this);
    oneOf(List.of(branches.getIfBlock(), branches.getElseBlock()));
  }

  @Override
  public void visitSwitch(SwitchStatement branches) {
    branches.getExpression().visit(this);
    List<Statement> all = new ArrayList<>();
    branches.getCaseStatements().stream().map(CaseStatement::getCode).forEach(all::add);
    all.add(branches.getDefaultStatement());
    oneOf(all);
  }

  private void oneOf(List<Statement> branches) {
    Map<String, Integer> before = names;
    Map<String, Integer> after = new HashMap<>(before);
    for (Statement branch : branches) {
      names = new HashMap<>(before);
      branch.visit(this);
      if (!leaves(branch)) {
        after.putAll(names);
      }
    }
    names = after;
  }

  private static boolean leaves(Statement branch) {
    return switch (branch) {
      case ReturnStatement _, ThrowStatement _ -> true;
      case BlockStatement block -> !block.isEmpty() && leaves(block.getStatements().getLast());
      default -> false;
    };
  }

  private void mistake(Rule rule, String fact, ASTNode at) {
    mistakes.add(Mistake.of(rule, fact, file, at));
  }

  static Span span(ASTNode node) {
    return new Span(
        node.getLineNumber(),
        node.getColumnNumber(),
        node.getLastLineNumber(),
        node.getLastColumnNumber());
  }
}
