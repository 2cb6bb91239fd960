package org.pgrunbook.ssh;

import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.Problem;

/** Splits a command into words by the quoting rules of the POSIX shell. */
final class Words {
  /** What a shell would do something about wherever it stands outside of quotes. */
  private static final String SPECIAL = "|&;<>()$`*?[]\n";

  /** The same at the beginning of a word. */
  private static final String SPECIAL_FIRST = "~#";

  private final String text;
  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private int next;

  Words(String text) {
    this.text = text.strip();
  }

  List<String> read() {
    while (next < text.length()) {
      char c = text.charAt(next++);
      if (c == ' ' || c == '\t') {
        endWord();
      } else if (c == '\'') {
        literally();
      } else if (c == '"') {
        doubleQuoted();
      } else if (c == '\\') {
        add(escaped());
      } else if (SPECIAL.indexOf(c) >= 0 || (!inWord && SPECIAL_FIRST.indexOf(c) >= 0)) {
        throw wantsShell(c);
      } else {
        add(c);
      }
    }
    endWord();
    if (words.isEmpty()) {
      throw Problem.usage("the command is empty");
    }
    return List.copyOf(words);
  }

  private void literally() {
    int end = text.indexOf('\'', next);
    if (end < 0) {
      throw unended();
    }
    inWord = true;
    word.append(text, next, end);
    next = end + 1;
  }

  private void doubleQuoted() {
    inWord = true;
    while (next < text.length()) {
      char c = text.charAt(next++);
      if (c == '"') {
        return;
      } else if (c == '\\' && next < text.length() && "\"\\$`".indexOf(text.charAt(next)) >= 0) {
        add(escaped());
      } else if (c == '$' || c == '`') {
        throw wantsShell(c);
      } else {
        add(c);
      }
    }
    throw unended();
  }

  private char escaped() {
    if (next == text.length()) {
      throw Problem.usage("the command ends with a backslash");
    }
    return text.charAt(next++);
  }

  private void add(char c) {
    inWord = true;
    word.append(c);
  }

  private void endWord() {
    if (inWord) {
      words.add(word.toString());
      word.setLength(0);
      inWord = false;
    }
  }

  private static Problem unended() {
    return Problem.usage("the command has a quote that does not end");
  }

  private static Problem wantsShell(char c) {
    String shown = c == '\n' ? "a line feed" : "\"" + c + "\"";
    return Problem.usage("the command has " + shown + ", which only a shell would understand")
        .hint("If it is meant as it stands, put it between single quotes.")
        .hint("If a shell is to read it, name one: sh -c '…'.");
  }
}
