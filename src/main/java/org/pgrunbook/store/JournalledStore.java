package org.pgrunbook.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Means;
import org.pgrunbook.journal.Meter;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.journal.Run;

/** Hands every request to the run's means, and keeps the promises that hold for any backend. */
final class JournalledStore implements Store {
  private final String name;
  private final Run run;
  private final Backend backend;

  JournalledStore(String name, Run run, Backend backend) {
    this.name = name;
    this.run = run;
    this.backend = backend;
  }

  @Override
  public Stored put(String key, InputStream content) {
    Stored assumed = new Stored(Keys.checked(key), 0, "");
    return Doubt.repeatable(
        () ->
            change(
                "PUT " + key,
                assumed,
                meter -> {
                  Measured measured = new Measured(key, content, meter);
                  backend.put(key, measured, true);
                  return verified(measured.stored(), meter);
                }));
  }

  @Override
  public Optional<Stored> putIfAbsent(String key, InputStream content) {
    Stored assumed = new Stored(Keys.checked(key), 0, "");
    return change(
        "PUT " + key + " if absent", Optional.of(assumed), meter -> ifAbsent(key, content, meter));
  }

  @Override
  public Optional<Stored> putIfAbsent(String key, byte[] content) {
    return putIfAbsent(key, new ByteArrayInputStream(content));
  }

  private Optional<Stored> ifAbsent(String key, InputStream content, Meter meter)
      throws IOException {
    Measured measured = new Measured(key, content, meter);
    // Asked first, because some S3-compatible stores ignore the condition and would overwrite.
    boolean stored = backend.find(key).isEmpty() && backend.put(key, measured, false);
    meter.result("stored", stored);
    return stored ? Optional.of(verified(measured.stored(), meter)) : Optional.empty();
  }

  private Stored verified(Stored stored, Meter meter) throws IOException {
    requireSize(stored);
    meter.result("sha256", stored.sha256());
    return stored;
  }

  private void requireSize(Stored stored) throws IOException {
    long found = backend.find(stored.key()).map(Listed::size).orElse(-1L);
    if (found != stored.size()) {
      throw Problem.failed(
              "%d bytes were sent as \"%s\", but the store has %s"
                  .formatted(stored.size(), stored.key(), found < 0 ? "no such object" : found))
          .hint("Look for somebody else who writes or deletes this object, then store it again.");
    }
  }

  @Override
  public void copy(String from, String to, long size) {
    Keys.checked(from);
    Stored copy = new Stored(Keys.checked(to), size, "");
    Doubt.repeatable(
        () ->
            change(
                "COPY %s to %s".formatted(from, to),
                copy,
                meter -> {
                  backend.copy(from, to);
                  requireSize(copy);
                  return copy;
                }));
  }

  @Override
  public <T> T get(String key, Reading<T> reading) {
    Keys.checked(key);
    return run.means()
        .probe(
            Operation.probe(Operation.Wire.STORE, name, "GET " + key),
            meter -> {
              try (Backend.Content content = opened(key)) {
                meter.expect(content.size());
                // What goes wrong in here is the reading's own, unless the stream says otherwise.
                return reading.from(new Checked(content, meter));
              }
            });
  }

  private Backend.Content opened(String key) {
    return told(() -> backend.open(key));
  }

  @Override
  public Optional<Listed> find(String key) {
    Keys.checked(key);
    return probe(
        "HEAD " + key,
        meter -> {
          Optional<Listed> found = backend.find(key);
          meter.result("found", found.isPresent());
          return found;
        });
  }

  @Override
  public Stream<Listed> list(String prefix) {
    return Stream.iterate(
            page(prefix, Optional.empty()),
            Objects::nonNull,
            page -> page.next().isEmpty() ? null : page(prefix, page.next()))
        .flatMap(page -> page.objects().stream());
  }

  private Backend.Page page(String prefix, Optional<String> from) {
    return probe(
        "LIST " + prefix,
        meter -> {
          Backend.Page page = backend.page(prefix, from);
          meter.result("objects", page.objects().size());
          return page;
        });
  }

  @Override
  public void delete(String key) {
    deleteAll(List.of(key));
  }

  @Override
  public void deleteAll(Collection<String> keys) {
    List<String> all = new ArrayList<>(keys);
    all.forEach(Keys::checked);
    for (int start = 0; start < all.size(); start += Backend.BATCH) {
      List<String> batch = all.subList(start, Math.min(all.size(), start + Backend.BATCH));
      String text = batch.getFirst();
      if (batch.size() > 1) {
        text = "%d objects, %s to %s".formatted(batch.size(), text, batch.getLast());
      }
      String request = "DELETE " + text;
      Doubt.repeatable(() -> change(request, true, meter -> deleted(batch)));
    }
  }

  private boolean deleted(List<String> batch) throws IOException {
    List<String> left = backend.delete(batch);
    if (!left.isEmpty()) {
      throw Problem.failed(
              "%d of %d objects could not be deleted, such as %s"
                  .formatted(left.size(), batch.size(), left.getFirst()))
          .hint("Look for a missing permission to delete, an object lock or a retention rule.");
    }
    return true;
  }

  @Override
  public void probe() {
    probe(
        "PROBE",
        meter -> {
          backend.probe();
          return true;
        });
  }

  @Override
  public void close() {
    backend.close();
  }

  private <T> T probe(String text, Means.Act<T> act) {
    return run.means()
        .probe(
            Operation.probe(Operation.Wire.STORE, name, text),
            meter -> told(() -> act.with(meter)));
  }

  private <T> T change(String text, T assumed, Means.Act<T> act) {
    return run.means()
        .change(
            Operation.change(Operation.Wire.STORE, name, text),
            assumed,
            meter -> told(() -> act.with(meter)));
  }

  private <T> T told(java.util.concurrent.Callable<T> request) {
    try {
      return request.call();
    } catch (Problem e) {
      throw e;
    } catch (Exception e) {
      throw backend.explain(e);
    }
  }
}
