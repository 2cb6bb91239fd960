package org.pgrunbook.runbook;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.AnnotationNode;
import org.codehaus.groovy.ast.ClassCodeVisitorSupport;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.FieldNode;
import org.codehaus.groovy.ast.expr.ArgumentListExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.DeclarationExpression;
import org.codehaus.groovy.ast.expr.EmptyExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.GStringExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.classgen.GeneratorContext;
import org.codehaus.groovy.control.CompilePhase;
import org.codehaus.groovy.control.SourceUnit;
import org.codehaus.groovy.control.customizers.CompilationCustomizer;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;
import org.codehaus.groovy.syntax.SyntaxException;

/**
 * Turns the annotated declarations at the top of a runbook into public fields of its class, which
 * the engine sets before it runs, and remembers what they say. Works right after parsing, so
 * nothing is executed to read a signature.
 */
final class Declarations extends CompilationCustomizer {
  private final String text;
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<String> steps = new ArrayList<>();

  Declarations(String text) {
    super(CompilePhase.CONVERSION);
    this.text = text;
  }

  Signature signature() {
    List<Parameter> targetFirst = new ArrayList<>(parameters);
    targetFirst.sort(Comparator.comparing(parameter -> !parameter.target()));
    return new Signature(List.copyOf(targetFirst), List.copyOf(steps));
  }

  @Override
  public void call(SourceUnit source, GeneratorContext context, ClassNode script) {
    if (!script.isScript()) {
      return;
    }
    BlockStatement body = source.getAST().getStatementBlock();
    Iterator<Statement> statements = body.getStatements().iterator();
    while (statements.hasNext()) {
      if (statements.next() instanceof ExpressionStatement statement
          && statement.getExpression() instanceof DeclarationExpression declaration
          && annotation(declaration).isPresent()) {
        declare(source, script, declaration, annotation(declaration).get());
        statements.remove();
      }
    }
    new StepNames(source).visitBlockStatement(body);
  }

  private void declare(
      SourceUnit source, ClassNode script, DeclarationExpression declaration, AnnotationNode as) {
    if (declaration.isMultipleAssignmentDeclaration()
        || ClassHelper.isDynamicTyped(declaration.getVariableExpression().getOriginType())) {
      error(source, declaration, "a parameter has one name and a type, such as Integer count");
      return;
    }
    VariableExpression variable = declaration.getVariableExpression();
    Expression value = declaration.getRightExpression();
    boolean hasDefault = !(value instanceof EmptyExpression);
    FieldNode field =
        new FieldNode(
            variable.getName(),
            Modifier.PUBLIC,
            variable.getOriginType(),
            script,
            hasDefault ? value : null);
    field.setSourcePosition(declaration);
    script.addField(field);
    parameters.add(
        new Parameter(
            variable.getName(),
            variable.getOriginType().toString(false),
            constant(as, "value").map(Object::toString).orElse(""),
            hasDefault ? Optional.of(sourceOf(value)) : Optional.empty(),
            constant(as, "required").filter(Boolean.TRUE::equals).isPresent(),
            is(as, "Target"),
            declaration.getLineNumber()));
  }

  private static Optional<AnnotationNode> annotation(DeclarationExpression declaration) {
    return declaration.getAnnotations().stream()
        .filter(annotation -> is(annotation, "Target") || is(annotation, "Param"))
        .findFirst();
  }

  private static boolean is(AnnotationNode annotation, String name) {
    return annotation.getClassNode().getNameWithoutPackage().equals(name);
  }

  private static Optional<Object> constant(AnnotationNode annotation, String member) {
    return annotation.getMember(member) instanceof ConstantExpression constant
        ? Optional.of(constant.getValue())
        : Optional.empty();
  }

  /** The expression as the command line would take it, else as written. */
  private String sourceOf(Expression node) {
    if (node instanceof PropertyExpression constant
        && constant.getObjectExpression() instanceof VariableExpression
        && constant.getPropertyAsString().matches("[A-Z_]+")) {
      return constant.getPropertyAsString().toLowerCase(Locale.ROOT);
    }
    List<String> lines = text.lines().toList();
    String line = lines.get(node.getLineNumber() - 1);
    return node.getLastLineNumber() == node.getLineNumber()
        ? line.substring(node.getColumnNumber() - 1, node.getLastColumnNumber() - 1).strip()
        : line.substring(node.getColumnNumber() - 1).strip() + " …";
  }

  private static void error(SourceUnit source, ASTNode node, String message) {
    source
        .getErrorCollector()
        .addErrorAndContinue(new SyntaxErrorMessage(new SyntaxException(message, node), source));
  }

  /** Collects the names of the steps as far as the source tells them. */
  private final class StepNames extends ClassCodeVisitorSupport {
    private final SourceUnit source;

    StepNames(SourceUnit source) {
      this.source = source;
    }

    @Override
    protected SourceUnit getSourceUnit() {
      return source;
    }

    @Override
    public void visitMethodCallExpression(MethodCallExpression call) {
      if ("step".equals(call.getMethodAsString())
          && call.getArguments() instanceof ArgumentListExpression arguments
          && !arguments.getExpressions().isEmpty()) {
        switch (arguments.getExpression(0)) {
          case ConstantExpression name -> steps.add(String.valueOf(name.getValue()));
          case GStringExpression name ->
              steps.add(name.getText().replaceAll("\\$\\{?[\\w.()]+\\}?", "…"));
          default -> steps.add("…");
        }
      }
      super.visitMethodCallExpression(call);
    }
  }
}
