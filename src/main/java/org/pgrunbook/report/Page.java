package org.pgrunbook.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pgrunbook.Durations;

/**
 * A report as one page of HTML that needs nothing else: no script, no font, no picture. It can be
 * opened from a disk, sent and printed.
 */
public final class Page {
  /** How many changes, and how many remarks and tables, are shown. */
  static final int CHANGES = 300;

  static final int TOLD = 500;

  private final Html html = new Html();
  private final Account account;

  private Page(Account account) {
    this.account = account;
  }

  /** The page of a run. */
  public static String of(Account account) {
    return new Page(account).page();
  }

  private String page() {
    html.own("<!DOCTYPE html>\n");
    html.in(
        "html",
        () -> {
          html.in("head", this::head);
          html.in("body", () -> html.in("main", this::body));
        },
        "lang",
        "en");
    return html.toString();
  }

  private void head() {
    html.single("meta", "charset", "utf-8");
    html.single("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    // What a text could smuggle in would not be run or fetched even if it were not escaped.
    html.single(
        "meta",
        "http-equiv",
        "Content-Security-Policy",
        "content",
        "default-src 'none'; style-src 'unsafe-inline'");
    html.single("meta", "name", "color-scheme", "content", "light dark");
    html.leaf("title", Words.title(account) + ": " + Words.outcome(account));
    html.in("style", () -> html.own(style()));
  }

  private void body() {
    html.in("header", this::header);
    failure();
    html.in(
        "section",
        () -> {
          html.leaf("h2", "Timeline");
          new Timeline(html, account).draw();
        },
        "id",
        "timeline");
    told();
    changes();
    openEnds();
    html.leaf(
        "footer",
        "Made by pgrunbook from the journal of run "
            + account.run().id()
            + ". All times are UTC. Secrets were struck out before the journal was written.");
  }

  private void header() {
    String badge = account.isDone() ? "good" : account.isRunning() ? "going" : "bad";
    html.in(
        "h1",
        () ->
            html.text(Words.title(account))
                .text(" ")
                .leaf("span.badge." + badge, Words.outcome(account)));
    html.leaf("p.lead", Words.summary(account));
    html.in(
        "dl.facts",
        () ->
            Words.facts(account)
                .forEach(
                    (name, value) ->
                        html.in("div", () -> html.leaf("dt", name).leaf("dd", value))));
    List<String> chain = Words.chain(account);
    if (!chain.isEmpty()) {
      html.in("ul.chain", () -> chain.forEach(run -> html.leaf("li", run)));
    }
  }

  private void failure() {
    if (account.ended().isEmpty() || account.isDone()) {
      return;
    }
    html.in(
        "section.failure",
        () -> {
          html.leaf("h2", "What went wrong");
          account.ended("error").ifPresent(error -> html.leaf("p.error", Words.whole(error)));
          account.ended("where").ifPresent(where -> html.leaf("p", "At " + where + "."));
          account
              .ended("state")
              .ifPresent(
                  state -> html.leaf("p", "The state that things were left in: " + state + "."));
          if (account.ended().get().get("hints") instanceof List<?> hints && !hints.isEmpty()) {
            html.leaf("h3", "What was said to try next");
            html.in("ul", () -> hints.forEach(hint -> html.leaf("li", hint.toString())));
          }
          failed();
        },
        "id",
        "failure");
  }

  /** In short: the timeline shows when, and what was changed stands in full below. */
  private void failed() {
    List<Deed> failed = account.deeds().filter(deed -> deed.outcome() == Outcome.FAILED).toList();
    if (failed.isEmpty()) {
      return;
    }
    html.leaf("h3", "Operations that failed");
    Fold<Deed> fold = Fold.of(failed, 40, Deed::change);
    Tables.of(
        html,
        "operations that failed",
        List.of("at", "node", "error", "what", "text"),
        fold.shown().stream().map(Page::failed).toList());
    left(fold.left(), "operation");
  }

  private static List<Object> failed(Deed deed) {
    return List.of(
        Words.clock(deed.start()),
        deed.node(),
        Words.line(deed.error(), 300),
        deed.wire() + (deed.change() ? " change" : " probe"),
        Words.line(deed.text(), 160));
  }

  private void told() {
    List<Told> all = account.told();
    if (all.isEmpty()) {
      return;
    }
    Fold<Told> fold = Fold.of(all, TOLD, one -> one.kind() == Told.Kind.WARNING);
    html.in(
        "section",
        () -> {
          html.leaf("h2", "What it told");
          html.in("ol.told", () -> fold.shown().forEach(this::told));
          left(fold.left(), "remark");
        },
        "id",
        "told");
  }

  private void told(Told one) {
    html.in(
        "li." + one.kind().name().toLowerCase(Locale.ROOT),
        () -> {
          html.in(
              "p.when",
              () -> {
                html.leaf("time", Words.clock(one.at()));
                step(one.step());
              });
          if (one.kind() == Told.Kind.TABLE) {
            String caption = one.step().isEmpty() ? "table" : "table of " + one.step();
            Tables.of(html, caption, one.columns(), one.rows());
          } else {
            String warning = one.kind() == Told.Kind.WARNING ? "warning: " : "";
            html.leaf("p.text", warning + Words.whole(one.text()));
          }
        });
  }

  private void step(String path) {
    Optional<Part> step = path.isEmpty() ? Optional.empty() : account.step(path);
    step.ifPresent(part -> html.text(" ").leaf("a", path, "href", "#step-" + part.number()));
  }

  private void changes() {
    List<Deed> changes = account.changes();
    html.in(
        "section",
        () -> {
          html.leaf("h2", account.isDry() ? "What a real run would change" : "What changed");
          if (changes.isEmpty()) {
            html.leaf("p", account.isDry() ? "Nothing would be changed." : "Nothing was changed.");
            return;
          }
          if (account.isDry()) {
            html.leaf("p", "Nothing was changed: each of these was only described.");
          }
          Fold<Deed> fold = Fold.of(changes, CHANGES, deed -> deed.outcome().standsOut());
          html.in("ol.deeds", () -> fold.shown().forEach(this::deed));
          left(fold.left(), "change");
        },
        "id",
        "changes");
  }

  private void deed(Deed deed) {
    html.in(
        "li",
        () -> {
          html.in(
              "p.when",
              () -> {
                html.leaf("time", Words.clock(deed.start()));
                html.leaf("b", " " + deed.node() + " ");
                html.text(deed.wire() + " ");
                String bad = deed.outcome().standsOut() ? "bad" : "plain";
                html.leaf("span.badge." + bad, deed.outcome().words());
                boolean took = deed.outcome() != Outcome.DESCRIBED;
                html.text(
                    (took ? " " + Durations.show(deed.took()) : "")
                        + (deed.figures().isEmpty() ? "" : ", " + deed.figures()));
                step(deed.step());
              });
          html.leaf("pre", Words.whole(deed.text()));
          if (!deed.error().isEmpty()) {
            html.leaf("p.error", Words.whole(deed.error()));
          }
        });
  }

  private void openEnds() {
    List<String> ends = Words.openEnds(account);
    if (!ends.isEmpty()) {
      html.in(
          "section",
          () -> {
            html.leaf("h2", "Open ends");
            html.in("ul", () -> ends.forEach(end -> html.leaf("li", end)));
          },
          "id",
          "open-ends");
    }
  }

  private void left(int left, String what) {
    if (left > 0) {
      html.leaf(
          "p.left",
          Words.count(left, "more " + what)
              + " between these, not shown; see pgrunbook log -v "
              + account.run().id()
              + ".");
    }
  }

  private static String style() {
    try (InputStream style = Page.class.getResourceAsStream("report.css")) {
      return new String(style.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
