package org.pgrunbook.runbook;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.codehaus.groovy.ast.AnnotationNode;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.pgrunbook.Nearest;

/** What is wrong with what a {@code @Param} says. */
final class DeclaredRange {
  private static final Set<String> MEMBERS = Set.of("value", "required", "min", "max");

  /** {@code 16.MB} and {@code 30.seconds}, which the command line spells with a blank. */
  private static final Pattern WITH_UNIT = Pattern.compile("(\\d+)\\.(\\w+)");

  private final Parameter parameter;
  private final AnnotationNode as;
  private final Expression value;
  private final String file;
  private final Range range;
  private final List<Mistake> mistakes = new ArrayList<>();

  /**
   * A declaration.
   *
   * @param value its default
   */
  DeclaredRange(Parameter parameter, AnnotationNode as, Expression value, String file) {
    this.parameter = parameter;
    this.as = as;
    this.value = value;
    this.file = file;
    this.range = Range.of(parameter);
  }

  List<Mistake> mistakes() {
    Map<String, Expression> members = as.getMembers();
    members.forEach(
        (name, said) -> {
          if (!MEMBERS.contains(name)) {
            String near =
                Nearest.to(name, MEMBERS).map(it -> "; did you mean \"" + it + "\"?").orElse("");
            add(Rule.COMPILES, "@Param has no \"" + name + "\"" + near, said);
          }
        });
    Optional<Comparable<?>> min = bound("min");
    Optional<Comparable<?>> max = bound("max");
    if (mistakes.isEmpty() && range.isGiven()) {
      if (min.isPresent() && max.isPresent() && range.violation(min.get()).isPresent()) {
        String fact =
            "nothing is both at least %s and at most %s"
                .formatted(range.min().get(), range.max().get());
        add(Rule.PARAMETER_RANGE, fact, members.get("max"));
      } else {
        initial()
            .flatMap(range::violation)
            .ifPresent(
                found ->
                    add(
                        Rule.PARAMETER_RANGE,
                        "the default %s is %s".formatted(parameter.defaultText().get(), found),
                        value));
      }
    }
    return mistakes;
  }

  /** One end of the range; empty if it is not given, or wrong. */
  private Optional<Comparable<?>> bound(String name) {
    Expression said = as.getMember(name);
    if (said == null) {
      return Optional.empty();
    }
    if (!range.isOrdered()) {
      String fact = Wording.one(range.type()) + " has no range";
      return wrong(fact, said);
    }
    if (!(said instanceof ConstantExpression text) || !(text.getValue() instanceof String)) {
      return wrong(name + " is text, as the command line spells it", said);
    }
    try {
      return Optional.of(range.read(said.getText()));
    } catch (IllegalArgumentException e) {
      return wrong(e.getMessage(), said);
    }
  }

  private Optional<Comparable<?>> wrong(String fact, Expression at) {
    add(Rule.PARAMETER_RANGE, fact, at);
    return Optional.empty();
  }

  /** The default, if it is plain enough to be known without running anything. */
  private Optional<Object> initial() {
    if (parameter.defaultText().isEmpty()) {
      return Optional.empty();
    }
    try {
      String text = WITH_UNIT.matcher(parameter.defaultText().get()).replaceFirst("$1 $2");
      return Optional.of(range.read(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private void add(Rule rule, String fact, Expression at) {
    mistakes.add(Mistake.of(rule, fact, file, at));
  }
}
