package org.pgrunbook.runbook;

import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Lsn;

/** Turns what the command line gives into the typed parameters of a runbook. */
final class Binding {
  /** ISO 8601, also with the short offsets that PostgreSQL prints: {@code +02}. */
  private static final DateTimeFormatter WITH_OFFSET =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendPattern("[XXX][XX][X]")
          .toFormatter(Locale.ROOT);

  private final Signature signature;
  private final Clusters clusters;
  private final Optional<String> target;

  Binding(Signature signature, Clusters clusters, Optional<String> target) {
    this.signature = signature;
    this.clusters = clusters;
    this.target = target;
  }

  /** Sets the target and the given parameters of a script; the rest keeps its defaults. */
  void bind(Runbook script, Map<String, String> given) {
    Map<String, String> byName = named(given);
    for (Parameter parameter : signature.parameters()) {
      String text = parameter.target() ? requiredTarget(parameter) : byName.get(parameter.name());
      if (text != null) {
        set(script, parameter, text);
      } else if (parameter.required()) {
        throw Problem.usage("parameter \"" + parameter.name() + "\" is missing")
            .hint(usage(parameter));
      }
    }
    if (signature.target().isEmpty() && target.isPresent()) {
      throw Problem.usage("this runbook takes no target, but \"" + target.get() + "\" was given");
    }
  }

  private String requiredTarget(Parameter parameter) {
    boolean wantsNode = parameter.type().equals("Node");
    String text =
        target.orElseThrow(
            () ->
                Problem.usage("the target is missing")
                    .hint(
                        wantsNode
                            ? "Name a node as CLUSTER/NODE after the runbook."
                            : "Name a cluster after the runbook; 'pgrunbook inventory' lists"
                                + " them."));
    int slash = text.indexOf('/');
    if (wantsNode && slash < 0) {
      Cluster cluster = clusters.cluster(text);
      throw Problem.usage("this runbook acts on a node, but \"" + text + "\" is a cluster")
          .hint("Name one of its nodes: " + run(cluster.getNodes().getFirst().fullName()) + ".");
    }
    if (!wantsNode && slash >= 0) {
      String node = clusters.node(text, null).fullName();
      throw Problem.usage("this runbook acts on a cluster, but \"" + node + "\" is a node")
          .hint("Name the cluster: " + run(text.substring(0, slash)) + ".");
    }
    return text;
  }

  /** The command that works, without the parameters. */
  private String run(String name) {
    return "pgrunbook run " + signature.runbook() + " " + name;
  }

  private Map<String, String> named(Map<String, String> given) {
    Map<String, String> result = new LinkedHashMap<>();
    given.forEach(
        (name, value) -> {
          Parameter parameter =
              signature.options().stream()
                  .filter(option -> option.answersTo(name))
                  .findFirst()
                  .orElseThrow(() -> unknown(name));
          if (result.put(parameter.name(), value) != null) {
            throw Problem.usage("parameter \"" + parameter.name() + "\" is given twice");
          }
        });
    return result;
  }

  private Problem unknown(String name) {
    return Problem.usage("there is no parameter \"" + name + "\"")
        .hint(Nearest.hint(name, signature.options().stream().map(Parameter::name).toList()));
  }

  private void set(Runbook script, Parameter parameter, String text) {
    try {
      Field field = script.getClass().getField(parameter.name());
      field.set(script, convert(parameter, field.getGenericType(), text));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private Object convert(Parameter parameter, Type type, String text) {
    if (type instanceof ParameterizedType list) {
      Type item = list.getActualTypeArguments()[0];
      return Stream.of(text.split(","))
          .map(part -> convert(parameter, item, part.strip()))
          .toList();
    }
    try {
      Object value = scalar(parameter, (Class<?>) type, text);
      Range.of(parameter)
          .violation(value)
          .ifPresent(
              found -> {
                throw Problem.usage(
                        "parameter \"%s\" is %s, which is %s"
                            .formatted(parameter.name(), text, found))
                    .hint(usage(parameter));
              });
      return value;
    } catch (DateTimeException e) {
      throw wrong(parameter, text, "an instant with its offset, such as 2026-03-29T02:30:00+02:00")
          .hint(usage(parameter));
    } catch (NumberFormatException e) {
      throw wrong(parameter, text, "a whole number").hint(usage(parameter));
    } catch (IllegalArgumentException e) {
      throw wrong(parameter, text, "a " + parameter.type()).hint(sentence(e.getMessage()));
    }
  }

  private Object scalar(Parameter parameter, Class<?> type, String text) {
    return switch (ParameterType.of(type)) {
      case STRING -> text;
      case BOOLEAN ->
          switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw wrong(parameter, text, "true or false").hint(usage(parameter));
          };
      case INTEGER -> Integer.valueOf(text);
      case DATA_SIZE -> DataSize.parse(text);
      case DURATION -> Durations.parse(text);
      // A time without an offset means another moment on each machine (P40).
      case INSTANT ->
          OffsetDateTime.parse(text.strip().replaceFirst(" ", "T"), WITH_OFFSET).toInstant();
      case LSN -> Lsn.parse(text);
      case CLUSTER -> clusters.cluster(text);
      case NODE ->
          clusters.node(text, target.map(name -> name.replaceFirst("/.*", "")).orElse(null));
      case ENUM -> constant(parameter, type, text);
      case LIST -> throw new IllegalStateException("no parameter can be a list of lists");
    };
  }

  private Object constant(Parameter parameter, Class<?> type, String text) {
    List<String> names =
        Arrays.stream(type.getEnumConstants())
            .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
            .toList();
    int index = names.indexOf(text.toLowerCase(Locale.ROOT));
    if (index < 0) {
      throw wrong(parameter, text, "one of " + String.join(", ", names))
          .hint(Nearest.hint(text, names));
    }
    return type.getEnumConstants()[index];
  }

  private static Problem wrong(Parameter parameter, String text, String expected) {
    return Problem.usage(
        "parameter \"%s\" is no %s but \"%s\""
            .formatted(parameter.name(), expected.replaceFirst("^an? ", ""), text));
  }

  private static String usage(Parameter parameter) {
    String range = Range.of(parameter).inWords();
    return "Give it with -p %s=VALUE%s: %s."
        .formatted(parameter.name(), range.isEmpty() ? "" : ", " + range, parameter.help());
  }

  private static String sentence(String fact) {
    return fact.endsWith(".") ? fact : fact + ".";
  }
}
