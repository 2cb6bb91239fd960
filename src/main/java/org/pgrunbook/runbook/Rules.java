package org.pgrunbook.runbook;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.expr.ArgumentListExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCall;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.transform.stc.AbstractTypeCheckingExtension;
import org.codehaus.groovy.transform.stc.StaticTypeCheckingVisitor;
import org.codehaus.groovy.transform.stc.StaticTypesMarker;
import org.pgrunbook.sql.ReadOnly;
import org.pgrunbook.sql.Statements;

/** What is wrong in a runbook although its types are right. */
public final class Rules extends AbstractTypeCheckingExtension {
  /** The methods of {@link Statements} that change nothing. */
  private static final Set<String> PROBES = Set.of("rows", "row", "value");

  private final Set<Expression> seen = new HashSet<>();

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
    }
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
    if (seen.add(property)) {
      ClassNode owner = getType(property.getObjectExpression());
      addStaticTypeError(
          "a "
              + owner.getNameWithoutPackage()
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
    MethodNode method = call.getNodeMetaData(StaticTypesMarker.DIRECT_METHOD_CALL_TARGET);
    if (method == null
        || !method.getDeclaringClass().getName().equals(Statements.class.getName())) {
      return;
    }
    arguments.getExpressions().stream()
        .filter(ConstantExpression.class::isInstance)
        .map(Expression::getText)
        .findFirst()
        .flatMap(ReadOnly::violation)
        .filter(fact -> seen.add(call))
        .ifPresent(
            fact ->
                addStaticTypeError(
                    fact + "; use sql.execute, or sql.returning, for a change", call.getMethod()));
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
          "step"
              + name
              + " returns a "
              + type.getNameWithoutPackage()
              + ", which the journal cannot hold",
          call);
    }
  }
}
