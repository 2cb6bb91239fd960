package org.pgrunbook.runbook;

import java.util.List;
import java.util.Optional;

/**
 * What a runbook says of itself without being executed.
 *
 * @param runbook its name
 * @param parameters in the order of the source, the target first
 * @param steps the names of its steps in the order of the source; a part known only at run time is
 *     shown as {@code …}
 */
public record Signature(String runbook, List<Parameter> parameters, List<String> steps) {

  /** The {@code @Target}, if the runbook acts on one. */
  public Optional<Parameter> target() {
    return parameters.stream().filter(Parameter::target).findFirst();
  }

  /** The parameters that {@code -p} sets. */
  public List<Parameter> options() {
    return parameters.stream().filter(parameter -> !parameter.target()).toList();
  }
}
