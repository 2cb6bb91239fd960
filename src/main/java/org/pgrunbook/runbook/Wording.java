package org.pgrunbook.runbook;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;

/** Says the Groovy compiler's messages in the words of this house. */
final class Wording {
  private record Rule(Pattern pattern, String replacement) {
    static Rule of(String pattern, String replacement) {
      return new Rule(Pattern.compile(pattern, Pattern.DOTALL), replacement);
    }
  }

  /** The first rule that matches the whole message wins. */
  private static final List<Rule> RULES =
      List.of(
          Rule.of(
              "Cannot find matching method ([\\w$]+)#([\\w$]+)\\((.*?)\\)\\. Please check.*",
              "$1 has no method $2($3)"),
          Rule.of("The variable \\[(\\w+)\\] is undeclared\\.?.*", "\"$1\" is not declared"),
          Rule.of("No such property: (\\w+) for class: ([\\w$]+).*", "$2 has no property \"$1\""),
          Rule.of(
              "Cannot assign value of type (.+) to variable of type (.+)",
              "cannot assign $1 to a variable of type $2"),
          Rule.of("unable to resolve class (\\S+).*", "there is no type \"$1\""));

  private static final Pattern UNKNOWN_TYPE = Pattern.compile("there is no type \"([\\w.$]+)\".*");
  private static final Pattern PREFIX = Pattern.compile("^\\[Static type checking\\] - ");
  private static final Pattern PACKAGE = Pattern.compile("\\b(?:[a-z][\\w]*\\.)+(?=[A-Z])");

  private Wording() {}

  /** There is no such word; perhaps another was meant. */
  static String unknownWord(String name) {
    List<String> words =
        Arrays.stream(Runbook.class.getDeclaredMethods())
            .filter(method -> Modifier.isPublic(method.getModifiers()))
            .map(Method::getName)
            .distinct()
            .toList();
    return "there is no word \""
        + name
        + "\""
        + Nearest.to(name, words).map(near -> "; did you mean \"" + near + "\"?").orElse("");
  }

  /** The type that does not exist, if that is what the message says. */
  static Optional<String> unknownType(String said) {
    var matcher = UNKNOWN_TYPE.matcher(said);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  static String of(String message) {
    String plain = PACKAGE.matcher(PREFIX.matcher(message).replaceFirst("")).replaceAll("").strip();
    for (Rule rule : RULES) {
      var matcher = rule.pattern.matcher(plain);
      if (matcher.matches()) {
        return matcher.replaceFirst(rule.replacement);
      }
    }
    String lower = Problem.lowerCase(plain);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
