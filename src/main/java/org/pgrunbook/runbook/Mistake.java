package org.pgrunbook.runbook;

import java.util.Map;
import org.codehaus.groovy.ast.ASTNode;

/**
 * What is wrong in a runbook.
 *
 * @param file where it is
 * @param line from 1; 0: in the file as a whole
 * @param column from 1
 * @param rule what it breaks
 * @param fact one fact, without the rule's name
 */
public record Mistake(String file, int line, int column, Rule rule, String fact) {

  static Mistake of(Rule rule, String fact, String file, ASTNode at) {
    return new Mistake(file, at.getLineNumber(), at.getColumnNumber(), rule, fact);
  }

  /** As the compiler told it; where a rule spoke through it, the rule's name is at its end. */
  static Mistake told(String file, int line, int column, String message) {
    for (Rule rule : Rule.values()) {
      if (rule != Rule.COMPILES && message.endsWith(rule.says(""))) {
        String fact = message.substring(0, message.length() - rule.says("").length());
        return new Mistake(file, line, column, rule, fact);
      }
    }
    return new Mistake(file, line, column, Rule.COMPILES, message);
  }

  /** As the compiled form keeps it; the same source may lie elsewhere now. */
  static Mistake kept(Map<String, Object> fields, String file) {
    return new Mistake(
        file,
        ((Number) fields.get("line")).intValue(),
        ((Number) fields.get("column")).intValue(),
        Rule.valueOf(((String) fields.get("rule")).toUpperCase(java.util.Locale.ROOT)),
        (String) fields.get("fact"));
  }

  /** {@code file:line:column} */
  public String place() {
    return line == 0 ? file : file + ":" + line + ":" + column;
  }

  /** The fact, and the rule unless it is the compiler's. */
  public String message() {
    return rule.says(fact);
  }
}
