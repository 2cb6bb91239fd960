package org.pgrunbook.runbook;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.ModuleNode;
import org.codehaus.groovy.ast.expr.ArgumentListExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.ListExpression;
import org.codehaus.groovy.ast.expr.MethodCall;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.transform.stc.AbstractTypeCheckingExtension;
import org.codehaus.groovy.transform.stc.ExtensionMethodNode;
import org.codehaus.groovy.transform.stc.StaticTypeCheckingVisitor;
import org.codehaus.groovy.transform.stc.StaticTypesMarker;
import org.pgrunbook.Changes;
import org.pgrunbook.runbook.Outline.Span;
import org.pgrunbook.sql.ReadOnly;
import org.pgrunbook.sql.Statements;
import org.pgrunbook.ssh.Command;
import org.pgrunbook.ssh.DestructiveCommands;
import org.pgrunbook.ssh.Ssh;

/** What is wrong in a runbook although its types are right. */
public final class Rules extends AbstractTypeCheckingExtension {
  /** The methods of {@link Statements} that change nothing. */
  private static final Set<String> PROBES = Set.of("rows", "row", "value");

  /** The methods of {@link Ssh} and {@link Command} that take or make a probe. */
  private static final Set<String> COMMANDS = Set.of("read", "probe", "probeScript");

  /**
   * A call of a verb that changes something.
   *
   * @param verb its name
   * @param span where it is called
   */
  record Change(String verb, Span span) {
    Mistake outsideOfAnyStep(String file) {
      return new Mistake(
          file,
          span.line(),
          span.column(),
          Rule.CHANGE_OUTSIDE_STEP,
          "\"" + verb + "\" changes something outside of any step");
    }
  }

  /** The changes that were found in a runbook when its types were checked. */
  static Stream<Change> changes(ModuleNode module) {
    return changesOf(module).stream();
  }

  private static Set<Change> changesOf(ModuleNode module) {
    return module.getNodeMetaData(Change.class, key -> new LinkedHashSet<>());
  }

  private final Set<ASTNode> seen = new HashSet<>();

  public Rules(StaticTypeCheckingVisitor visitor) {
    super(visitor);
  }

  @Override
  public void afterMethodCall(MethodCall call) {
    // The visitor may come by more than once when it infers the type of a closure.
    if (!(call instanceof MethodCallExpression expression)
        || !(expression.getArguments() instanceof ArgumentListExpression arguments)) {
      return;
    }
    if ("step".equals(call.getMethodAsString())) {
      stepReturnsWhatTheJournalHolds(expression, arguments);
    } else if (PROBES.contains(call.getMethodAsString())) {
      probeChangesNothing(expression, arguments);
    } else if (COMMANDS.contains(call.getMethodAsString())) {
      probeRunsNothingDestructive(expression, arguments);
    }
    MethodNode method = target(expression);
    if (method != null && (isChange(method) || runsAChange(method, arguments))) {
      changesOf(context.getSource().getAST())
          .add(new Change(expression.getMethodAsString(), Manners.span(expression)));
    }
  }

  /** The types of the parameters, now that they are known. */
  @Override
  public boolean beforeVisitClass(ClassNode script) {
    script.getFields().stream()
        .filter(field -> field.getNodeMetaData(Parameter.class) != null)
        .filter(field -> ParameterType.of(field.getType()).isEmpty() && seen.add(field))
        .forEach(
            field ->
                addStaticTypeError(
                    Rule.PARAMETER_TYPE.says(
                        "no command line can give " + Wording.one(field.getType().toString(false))),
                    field));
    return false;
  }

  /** A word that does not exist, or a verb on what has already been reported. */
  @Override
  public List<MethodNode> handleMissingMethod(
      ClassNode receiver,
      String name,
      ArgumentListExpression arguments,
      ClassNode[] argumentTypes,
      MethodCall call) {
    boolean isWord = receiver.isScript() && call instanceof MethodCallExpression;
    boolean isReported =
        call instanceof MethodCallExpression expression
            && seen.contains(expression.getObjectExpression());
    if (!isWord && !isReported) {
      return List.of();
    }
    if (isWord && seen.add((Expression) call)) {
      addStaticTypeError(Wording.unknownWord(name), (Expression) call);
    }
    setHandled(true);
    return List.of(makeDynamic(call));
  }

  /** Reported once, not again for each use of what it would have been. */
  @Override
  public boolean handleUnresolvedProperty(PropertyExpression property) {
    if (seen.contains(property.getObjectExpression())) {
      seen.add(property);
    } else if (seen.add(property)) {
      ClassNode owner = getType(property.getObjectExpression());
      addStaticTypeError(
          Wording.one(owner.getNameWithoutPackage())
              + " has no property \""
              + property.getPropertyAsString()
              + "\"",
          property.getProperty());
    }
    makeDynamic(property);
    return true;
  }

  /** As far as the text is there to read; the run looks again at what it really sends. */
  private void probeChangesNothing(MethodCallExpression call, ArgumentListExpression arguments) {
    if (isOf(call, Statements.class)) {
      arguments.getExpressions().stream()
          .filter(ConstantExpression.class::isInstance)
          .map(Expression::getText)
          .findFirst()
          .flatMap(ReadOnly::violation)
          .ifPresent(fact -> probeChanges(fact + "; use sql.execute, or sql.returning", call));
    }
  }

  private void probeRunsNothingDestructive(
      MethodCallExpression call, ArgumentListExpression arguments) {
    if (!isOf(call, Ssh.class) && !isOf(call, Command.class)) {
      return;
    }
    List<Expression> given =
        arguments.getExpressions().size() == 1
                && arguments.getExpression(0) instanceof ListExpression list
            ? list.getExpressions()
            : arguments.getExpressions();
    List<String> words =
        given.stream()
            .map(word -> word instanceof ConstantExpression ? word.getText() : "")
            .toList();
    if (!words.isEmpty()) {
      ("probeScript".equals(call.getMethodAsString())
              ? DestructiveCommands.scriptViolation(words.getFirst())
              : DestructiveCommands.violation(words))
          .ifPresent(fact -> probeChanges(fact + "; use ssh.run, or Command.change", call));
    }
  }

  private void probeChanges(String fact, MethodCallExpression call) {
    if (seen.add(call)) {
      addStaticTypeError(Rule.PROBE_CHANGES.says(fact + ", for a change"), call.getMethod());
    }
  }

  private static boolean isOf(MethodCallExpression call, Class<?> type) {
    MethodNode method = target(call);
    return method != null && method.getDeclaringClass().getName().equals(type.getName());
  }

  private static MethodNode target(MethodCallExpression call) {
    return call.getNodeMetaData(StaticTypesMarker.DIRECT_METHOD_CALL_TARGET);
  }

  private static boolean isChange(MethodNode method) {
    MethodNode declared =
        method instanceof ExtensionMethodNode verb ? verb.getExtensionMethodNode() : method;
    return !declared.getAnnotations(ClassHelper.make(Changes.class)).isEmpty();
  }

  /** {@code ssh.run(command)} and {@code ssh.stream(command)} are what the command is. */
  private static boolean runsAChange(MethodNode method, ArgumentListExpression arguments) {
    return method.getDeclaringClass().getName().equals(Ssh.class.getName())
        && arguments.getExpressions().stream()
            .anyMatch(argument -> argument.getText().contains("Command.change"));
  }

  private void stepReturnsWhatTheJournalHolds(
      MethodCallExpression call, ArgumentListExpression arguments) {
    int last = arguments.getExpressions().size() - 1;
    if (last < 1 || !(arguments.getExpression(last) instanceof ClosureExpression body)) {
      return;
    }
    ClassNode type = body.getNodeMetaData(StaticTypesMarker.INFERRED_RETURN_TYPE);
    if (type != null && !Values.mayHold(type) && seen.add(call)) {
      String name =
          arguments.getExpression(0) instanceof ConstantExpression constant
              ? " \"" + constant.getValue() + "\""
              : "";
      addStaticTypeError(
          Rule.STEP_VALUE.says(
              "step%s returns %s, which the journal cannot hold"
                  .formatted(name, Wording.one(type.getNameWithoutPackage()))),
          call);
    }
  }
}
