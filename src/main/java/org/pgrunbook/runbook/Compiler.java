package org.pgrunbook.runbook;

import groovy.lang.GroovyClassLoader;
import groovy.transform.CompileStatic;
import java.util.List;
import java.util.Map;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.MultipleCompilationErrorsException;
import org.codehaus.groovy.control.Phases;
import org.codehaus.groovy.control.customizers.ASTTransformationCustomizer;
import org.codehaus.groovy.control.customizers.ImportCustomizer;
import org.codehaus.groovy.control.messages.ExceptionMessage;
import org.codehaus.groovy.control.messages.Message;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;

/** Reads, checks and compiles runbooks. */
public final class Compiler {
  /** What a runbook may name without an import. */
  private static final String[] WORDS = {
    "org.pgrunbook",
    "org.pgrunbook.runbook",
    "org.pgrunbook.postgres",
    "org.pgrunbook.backup",
    "org.pgrunbook.replication",
    "org.pgrunbook.diagnosis",
    "org.pgrunbook.sql",
    "org.pgrunbook.ssh",
    "org.pgrunbook.store",
    "java.time"
  };

  /**
   * An error in a runbook.
   *
   * @param place {@code file:line:column}
   * @param message one fact
   */
  public record Mistake(String place, String message) {}

  /** A runbook that is fit to run. */
  record Compiled(Source source, Signature signature, Class<? extends Runbook> type) {}

  /** What the runbook says of itself; only parsed, so a type error is no obstacle. */
  public Signature signature(Source source) {
    Declarations declarations = new Declarations(source.text());
    compile(source, declarations, Phases.CONVERSION);
    return declarations.signature();
  }

  /** Every mistake of the runbook, in the order of the source. */
  public List<Mistake> check(Source source) {
    try {
      compile(source, new Declarations(source.text()), Phases.CLASS_GENERATION);
      return List.of();
    } catch (MistakesFound found) {
      return found.mistakes;
    }
  }

  /**
   * Compiles a runbook.
   *
   * @throws org.pgrunbook.Problem with exit 2 that lists every mistake
   */
  Compiled compile(Source source) {
    Declarations declarations = new Declarations(source.text());
    CompilationUnit unit;
    try {
      unit = compile(source, declarations, Phases.CLASS_GENERATION);
    } catch (MistakesFound found) {
      throw found.problem(source);
    }
    GroovyClassLoader loader = unit.getClassLoader();
    unit.getClasses().forEach(type -> loader.defineClass(type.getName(), type.getBytes()));
    try {
      Class<?> type = loader.loadClass(unit.getFirstClassNode().getName());
      return new Compiled(source, declarations.signature(), type.asSubclass(Runbook.class));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CompilationUnit compile(Source source, Declarations declarations, int phase) {
    CompilerConfiguration configuration = new CompilerConfiguration();
    configuration.setScriptBaseClass(Runbook.class.getName());
    configuration.setTolerance(Integer.MAX_VALUE);
    configuration.addCompilationCustomizers(
        declarations,
        new ImportCustomizer().addStarImports(WORDS),
        new ASTTransformationCustomizer(
            Map.of("extensions", List.of(Rules.class.getName())), CompileStatic.class));
    var loader = new GroovyClassLoader(Compiler.class.getClassLoader(), configuration);
    CompilationUnit unit = new CompilationUnit(configuration, null, loader);
    unit.addSource(source.file().toString(), source.text());
    try {
      unit.compile(phase);
    } catch (MultipleCompilationErrorsException e) {
      throw new MistakesFound(
          e.getErrorCollector().getErrors().stream()
              .map(message -> mistake(source, message))
              .toList());
    }
    return unit;
  }

  private static Mistake mistake(Source source, Message message) {
    return switch (message) {
      case SyntaxErrorMessage syntax -> {
        var cause = syntax.getCause();
        yield new Mistake(
            source.file() + ":" + cause.getStartLine() + ":" + cause.getStartColumn(),
            Wording.of(cause.getOriginalMessage()));
      }
      case ExceptionMessage exception ->
          new Mistake(source.file().toString(), String.valueOf(exception.getCause().getMessage()));
      default -> new Mistake(source.file().toString(), message.toString());
    };
  }
}
