package org.pgrunbook.runbook;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.codehaus.groovy.ast.AnnotationNode;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.FieldNode;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.DeclarationExpression;
import org.codehaus.groovy.ast.expr.EmptyExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.classgen.GeneratorContext;
import org.codehaus.groovy.control.CompilePhase;
import org.codehaus.groovy.control.SourceUnit;
import org.codehaus.groovy.control.customizers.CompilationCustomizer;
import org.pgrunbook.runbook.Outline.Item;
import org.pgrunbook.runbook.Outline.Span;

/**
 * Turns the annotated declarations at the top of a runbook into public fields of its class, which
 * the engine sets before it runs, and remembers what they say. Works right after parsing, so
 * nothing is executed to read a signature.
 */
final class Declarations extends CompilationCustomizer {
  private final String runbook;
  private final String text;
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<Mistake> mistakes = new ArrayList<>();
  private final String file;
  private final String unit;
  private Manners manners;
  private UsedSteps usedSteps;

  Declarations(Source source) {
    super(CompilePhase.CONVERSION);
    this.runbook = source.name();
    this.text = source.text();
    this.file = source.file().toString();
    this.unit = Compiler.unitName(source);
  }

  Signature signature() {
    List<Parameter> targetFirst = new ArrayList<>(parameters);
    targetFirst.sort(Comparator.comparing(parameter -> !parameter.target()));
    return new Signature(
        runbook,
        List.copyOf(targetFirst),
        items().stream().filter(item -> item.kind() == Outline.Kind.STEP).map(Item::text).toList());
  }

  /** What the procedure goes through; empty if it could not even be parsed. */
  List<Item> items() {
    return manners == null ? List.of() : List.copyOf(manners.items());
  }

  /** Where a run may begin. */
  Beginning beginning() {
    return new Beginning(items(), usedSteps == null ? List.of() : List.copyOf(usedSteps.names()));
  }

  /** Code that runs where it is called, not where it stands. */
  List<Span> elsewhere() {
    return manners == null ? List.of() : List.copyOf(manners.elsewhere());
  }

  /** What is wrong with it as far as no types are needed. */
  List<Mistake> mistakes() {
    List<Mistake> all = new ArrayList<>(mistakes);
    if (manners != null) {
      all.addAll(manners.mistakes());
    }
    return all;
  }

  @Override
  public void call(SourceUnit source, GeneratorContext context, ClassNode script) {
    if (!script.isScript() || !source.getName().equals(unit)) {
      return;
    }
    manners = new Manners(source, file);
    BlockStatement body = source.getAST().getStatementBlock();
    Iterator<Statement> statements = body.getStatements().iterator();
    while (statements.hasNext()) {
      if (statements.next() instanceof ExpressionStatement statement
          && statement.getExpression() instanceof DeclarationExpression declaration
          && annotation(declaration).isPresent()) {
        AnnotationNode as = annotation(declaration).get();
        if (isFit(declaration)) {
          declare(script, declaration, as);
          statements.remove();
        } else {
          // It stays a variable, so that the rest of the file can be checked.
          declaration.getAnnotations().remove(as);
          mistakes.add(
              Mistake.of(
                  Rule.PARAMETER_TYPE,
                  "a parameter has one name and a type, such as Integer count",
                  file,
                  declaration));
        }
      }
    }
    manners.visitBlockStatement(body);
    usedSteps = new UsedSteps(source);
    usedSteps.visitBlockStatement(body);
    // The method of the script itself is empty still; these are those that the runbook declares.
    source.getAST().getMethods().forEach(manners::visitMethod);
  }

  private static boolean isFit(DeclarationExpression declaration) {
    return !declaration.isMultipleAssignmentDeclaration()
        && !ClassHelper.isDynamicTyped(declaration.getVariableExpression().getOriginType());
  }

  private void declare(ClassNode script, DeclarationExpression declaration, AnnotationNode as) {
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
    field.putNodeMetaData(Parameter.class, true);
    script.addField(field);
    if (hasDefault) {
      manners.defaultOf(variable.getName(), value);
    }
    Parameter parameter =
        new Parameter(
            variable.getName(),
            variable.getOriginType().toString(false),
            constant(as, "value").orElse(""),
            hasDefault ? Optional.of(sourceOf(value)) : Optional.empty(),
            as.getMember("required") instanceof ConstantExpression yes && yes.isTrueExpression(),
            constant(as, "min"),
            constant(as, "max"),
            is(as, "Target"),
            declaration.getLineNumber());
    parameters.add(parameter);
    mistakes.addAll(new DeclaredRange(parameter, as, value, file).mistakes());
  }

  private static Optional<AnnotationNode> annotation(DeclarationExpression declaration) {
    return declaration.getAnnotations().stream()
        .filter(annotation -> is(annotation, "Target") || is(annotation, "Param"))
        .findFirst();
  }

  private static boolean is(AnnotationNode annotation, String name) {
    return annotation.getClassNode().getNameWithoutPackage().equals(name);
  }

  private static Optional<String> constant(AnnotationNode annotation, String member) {
    return annotation.getMember(member) instanceof ConstantExpression constant
        ? Optional.of(constant.getText())
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
}
