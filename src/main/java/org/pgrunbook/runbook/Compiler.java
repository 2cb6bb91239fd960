package org.pgrunbook.runbook;

import groovy.lang.GroovyClassLoader;
import groovy.transform.CompileStatic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.MultipleCompilationErrorsException;
import org.codehaus.groovy.control.Phases;
import org.codehaus.groovy.control.customizers.ASTTransformationCustomizer;
import org.codehaus.groovy.control.customizers.ImportCustomizer;
import org.codehaus.groovy.control.messages.ExceptionMessage;
import org.codehaus.groovy.control.messages.Message;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;
import org.pgrunbook.runbook.Outline.Item;
import org.pgrunbook.runbook.Outline.Span;

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

  /** A runbook that is fit to run. */
  record Compiled(Source source, Signature signature, Class<? extends Runbook> type) {}

  private final CompiledCache cache;

  /** Compiles everything anew. */
  public Compiler() {
    this(CompiledCache.none());
  }

  /** Compiles what is not in the cache. */
  public Compiler(CompiledCache cache) {
    this.cache = cache;
  }

  /** What the runbook says of itself; only parsed, so a type error is no obstacle. */
  public Signature signature(Source source) {
    return cache
        .find(source)
        .map(CompiledForm::signature)
        .orElseGet(
            () -> {
              Reading reading = read(source, Phases.CONVERSION, Set.of());
              reading.requireParsed(source);
              return reading.declarations.signature();
            });
  }

  /** What the runbook goes through, with the verbs that change something as far as types tell. */
  public Outline outline(Source source) {
    return cache.find(source).map(CompiledForm::outline).orElseGet(() -> reread(source).outline());
  }

  /** Where a run of it may begin; only parsed. */
  static Beginning beginning(Source source) {
    return read(source, Phases.CONVERSION, Set.of()).declarations.beginning();
  }

  /** Every mistake of the runbook, in the order of the source. */
  public List<Mistake> check(Source source) {
    return cache
        .find(source)
        .map(CompiledForm::mistakes)
        .orElseGet(() -> reread(source).mistakes());
  }

  /**
   * Compiles a runbook.
   *
   * @throws org.pgrunbook.Problem with exit 2 that lists every mistake, if one forbids running
   */
  Compiled compile(Source source) {
    CompiledForm form =
        cache
            .find(source)
            .orElseGet(
                () -> {
                  Reading reading = reread(source);
                  if (reading.forbidsRunning()) {
                    throw new MistakesFound(reading.mistakes()).problem(source);
                  }
                  return reading.form();
                });
    return new Compiled(source, form.signature(), form.define());
  }

  /** Reads the source in full, and keeps it for the next time if it can be run. */
  private Reading reread(Source source) {
    Reading reading = read(source);
    if (!reading.forbidsRunning()) {
      cache.keep(source, reading.form());
    }
    return reading;
  }

  /**
   * Reads the whole source. Types that do not exist end a compilation early; so that they hide no
   * other mistake it is repeated with empty ones in their place, and what is said of those is not
   * told.
   */
  private static Reading read(Source source) {
    Reading first = read(source, Phases.CLASS_GENERATION, Set.of());
    Set<String> unknown = first.unknownTypes();
    if (unknown.isEmpty()) {
      return first;
    }
    Reading second = read(source, Phases.CLASS_GENERATION, unknown);
    Pattern names =
        Pattern.compile(
            unknown.stream()
                .map(name -> Pattern.quote(name.replaceFirst(".*\\.", "")))
                .collect(Collectors.joining("|", "\\b(", ")\\b")));
    List<Mistake> errors = new ArrayList<>(first.errors);
    second.errors.stream()
        .filter(mistake -> !names.matcher(mistake.fact()).find())
        .forEach(errors::add);
    return new Reading(source, second.declarations, second.unit, errors);
  }

  private static Reading read(Source source, int phase, Set<String> stubs) {
    Declarations declarations = new Declarations(source);
    CompilerConfiguration configuration = new CompilerConfiguration();
    configuration.setScriptBaseClass(Runbook.class.getName());
    configuration.setTolerance(Integer.MAX_VALUE);
    // What each place of a call would be linked with takes longer than most runbooks need for all.
    configuration.getOptimizationOptions().put(CompilerConfiguration.INVOKEDYNAMIC, false);
    configuration.addCompilationCustomizers(
        declarations,
        new ImportCustomizer().addStarImports(WORDS),
        new ASTTransformationCustomizer(
            Map.of("extensions", List.of(Rules.class.getName())), CompileStatic.class));
    var loader = new GroovyClassLoader(Compiler.class.getClassLoader(), configuration);
    CompilationUnit unit = new CompilationUnit(configuration, null, loader);
    unit.addSource(unitName(source), source.text());
    stubs.forEach(name -> unit.addSource("stub of " + name, stub(name)));
    try {
      unit.compile(phase);
      return new Reading(source, declarations, unit, List.of());
    } catch (MultipleCompilationErrorsException e) {
      return new Reading(
          source,
          declarations,
          unit,
          e.getErrorCollector().getErrors().stream()
              .map(message -> mistake(source, message))
              .toList());
    }
  }

  /** The class gets its name from this; with a dash in it, it is never that of a type in use. */
  static String unitName(Source source) {
    return "runbook-" + source.file().getFileName();
  }

  private static String stub(String name) {
    int dot = name.lastIndexOf('.');
    String type = name.substring(dot + 1);
    return (dot < 0 ? "" : "package " + name.substring(0, dot) + "; ")
        + "class %s { %s(Object... any) {} }".formatted(type, type);
  }

  private static Mistake mistake(Source source, Message message) {
    String file = source.file().toString();
    return switch (message) {
      case SyntaxErrorMessage syntax -> {
        var cause = syntax.getCause();
        yield Mistake.told(
            file,
            cause.getStartLine(),
            cause.getStartColumn(),
            Wording.of(cause.getOriginalMessage()));
      }
      case ExceptionMessage exception ->
          Mistake.told(file, 0, 0, String.valueOf(exception.getCause().getMessage()));
      default -> Mistake.told(file, 0, 0, message.toString());
    };
  }

  /** A source as far as it could be compiled, and what was wrong with it. */
  private record Reading(
      Source source, Declarations declarations, CompilationUnit unit, List<Mistake> errors) {

    /** Of the compiler and of the rules, in the order of the source. */
    List<Mistake> mistakes() {
      List<Mistake> all = new ArrayList<>(errors);
      all.addAll(declarations.mistakes());
      changes().stream()
          .filter(change -> !isInside(change.span()))
          .map(change -> change.outsideOfAnyStep(source.file().toString()))
          .forEach(all::add);
      return all.stream()
          .distinct()
          .sorted(Comparator.comparingInt(Mistake::line).thenComparingInt(Mistake::column))
          .toList();
    }

    boolean forbidsRunning() {
      return mistakes().stream().anyMatch(mistake -> mistake.rule().forbidsRunning());
    }

    Outline outline() {
      return new Outline(
          declarations.items().stream().map(item -> item.with(changesIn(item))).toList());
    }

    CompiledForm form() {
      Map<String, byte[]> classes = new LinkedHashMap<>();
      unit.getClasses().forEach(type -> classes.put(type.getName(), type.getBytes()));
      return new CompiledForm(
          unit.getFirstClassNode().getName(),
          declarations.signature(),
          outline(),
          mistakes(),
          classes);
    }

    void requireParsed(Source source) {
      if (!errors.isEmpty()) {
        throw new MistakesFound(errors).problem(source);
      }
    }

    Set<String> unknownTypes() {
      return errors.stream()
          .map(mistake -> Wording.unknownType(mistake.fact()))
          .flatMap(Optional::stream)
          .collect(Collectors.toSet());
    }

    /** The verbs that change something directly in this item, not in one inside of it. */
    List<String> changesIn(Item item) {
      return changes().stream()
          .filter(change -> innermost(change.span()).filter(item::equals).isPresent())
          .map(Rules.Change::verb)
          .distinct()
          .toList();
    }

    private Optional<Item> innermost(Span span) {
      return declarations.items().stream()
          .filter(item -> item.kind() != Outline.Kind.POINT_OF_NO_RETURN)
          .filter(item -> item.span().holds(span))
          .reduce((outer, inner) -> inner);
    }

    private boolean isInside(Span span) {
      return declarations.elsewhere().stream().anyMatch(free -> free.holds(span))
          || innermost(span).isPresent();
    }

    private List<Rules.Change> changes() {
      return unit.getAST().getModules().stream().flatMap(Rules::changes).toList();
    }
  }
}
