package org.pgrunbook.runbook;

import java.util.ArrayList;
import java.util.List;
import org.codehaus.groovy.ast.ClassCodeVisitorSupport;
import org.codehaus.groovy.ast.expr.ArgumentListExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.control.SourceUnit;

/** Finds the outermost steps whose value the rest of the runbook uses. */
final class UsedSteps extends ClassCodeVisitorSupport {
  private final SourceUnit source;
  private final List<String> names = new ArrayList<>();

  UsedSteps(SourceUnit source) {
    this.source = source;
  }

  /** Their names in the order of the source. */
  List<String> names() {
    return names;
  }

  @Override
  protected SourceUnit getSourceUnit() {
    return source;
  }

  /** A step that is a statement of its own leaves its value to nobody. */
  @Override
  public void visitExpressionStatement(ExpressionStatement statement) {
    if (!isStep(statement.getExpression())) {
      super.visitExpressionStatement(statement);
    }
  }

  /** But the last statement of a closure is its value. */
  @Override
  public void visitClosureExpression(ClosureExpression closure) {
    if (closure.getCode() instanceof BlockStatement body && !body.getStatements().isEmpty()) {
      Statement last = body.getStatements().getLast();
      if (last instanceof ExpressionStatement end && isStep(end.getExpression())) {
        used(end.getExpression());
      }
    }
    super.visitClosureExpression(closure);
  }

  @Override
  public void visitMethodCallExpression(MethodCallExpression call) {
    if (isStep(call)) {
      used(call); // what is inside of it belongs to it
    } else {
      super.visitMethodCallExpression(call);
    }
  }

  private void used(Expression step) {
    names.add(
        Manners.text(
            ((ArgumentListExpression) ((MethodCallExpression) step).getArguments())
                .getExpression(0)));
  }

  private static boolean isStep(Expression expression) {
    return expression instanceof MethodCallExpression call
        && call.isImplicitThis()
        && "step".equals(call.getMethodAsString())
        && call.getArguments() instanceof ArgumentListExpression arguments
        && arguments.getExpressions().size() == 2;
  }
}
