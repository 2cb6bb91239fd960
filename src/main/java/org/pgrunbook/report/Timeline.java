package org.pgrunbook.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.pgrunbook.Durations;

/**
 * Draws the steps and operations of a run as bars over one axis: first the whole run by node, then
 * each step. What went on at the same time on a node is drawn below each other.
 */
final class Timeline {
  /** How many steps are drawn, and how many operations in all. */
  private static final int STEPS = 300;

  private static final int BARS = 4_000;
  private static final int LANES = 8;
  private static final int LANE = 14;
  private static final int TEXT = 160;

  private final Html html;
  private final Account account;
  private final List<Gap> gaps;
  private final Scale scale;
  private final Fold<Part> parts;
  private final int each;

  Timeline(Html html, Account account) {
    this.html = html;
    this.account = account;
    this.gaps = Gap.of(account);
    this.scale = new Scale(account, gaps);
    this.parts = Fold.of(account.parts(), STEPS, part -> part.outcome().standsOut());
    this.each = Math.clamp(BARS / Math.max(1, parts.shown().size()), 12, 120);
  }

  void draw() {
    legend();
    html.leaf("h3", "By node");
    axis();
    List<Deed> all = parts.shown().stream().flatMap(part -> shown(part).shown().stream()).toList();
    if (!gaps.isEmpty()) {
      Runnable waits = () -> waits(account.start(), account.end());
      row(".node", () -> html.text("waits"), "waits of the run", 1, waits);
    }
    lanes(all, 3);
    html.leaf("h3", "By step");
    axis();
    html.in("ol.steps", () -> parts.shown().forEach(this::step));
    if (parts.left() > 0) {
      html.leaf(
          "p.left",
          Words.count(parts.left(), "more step")
              + " between these, none of which failed or was cut off, not drawn; see pgrunbook log"
              + " -v.");
    }
  }

  private void legend() {
    html.in(
        "p.legend",
        () -> {
          key("probe", "probe");
          key("change", account.isDry() ? "change, only described" : "change");
          key("failed", "failed");
          if (account.deeds().anyMatch(deed -> deed.outcome() == Outcome.OPEN)) {
            key("open", "nobody knows");
          }
          if (!gaps.isEmpty()) {
            key("wait", "no operation went on");
          }
          if (gaps.stream().anyMatch(scale::shortens)) {
            html.leaf("span", "⫽ a long wait, drawn shorter than it was");
          }
        });
  }

  private void key(String kind, String text) {
    html.in("span.key", () -> html.leaf("i.swatch." + kind, "").text(text));
  }

  private void axis() {
    row(
        ".axis",
        () -> html.text(""),
        "",
        1,
        () ->
            scale
                .ticks()
                .forEach(
                    tick ->
                        html.leaf(
                            "span.tick",
                            tick.text(),
                            "style",
                            String.format(Locale.ROOT, "left:%.2f%%", tick.at()))));
  }

  private void step(Part part) {
    Fold<Deed> deeds = shown(part);
    String mark = part.outcome().standsOut() ? ".bad" : "";
    html.in(
        "li.step." + css(part.outcome()) + mark,
        () -> {
          row(
              ".head",
              () -> head(part),
              part.name() + ", " + part.outcome().words(),
              1,
              () -> {
                if (part.outcome() != Outcome.REUSED && part.number() > 0) {
                  bar("span." + css(part.outcome()), part.start(), part.end(), 0, part.name());
                }
                waits(part.start(), part.end());
              });
          if (!part.said().isEmpty()) {
            html.leaf(
                "p.said",
                (part.outcome() == Outcome.REUSED ? "not done again: " : "")
                    + Words.whole(part.said()));
          }
          lanes(deeds.shown(), LANES);
          if (!deeds.shown().isEmpty() || !part.value().isEmpty()) {
            html.in("details", () -> details(part, deeds));
          }
        },
        "id",
        "step-" + part.number(),
        "style",
        "--depth:" + Math.min(6, part.depth()));
  }

  private void head(Part part) {
    html.leaf("b", part.name());
    String took = part.number() == 0 ? "" : " " + Durations.show(part.took());
    html.leaf(
        "small",
        part.outcome() == Outcome.REUSED
            ? " done before"
            : took + (part.outcome() == Outcome.DONE ? "" : ", " + part.outcome().words()));
  }

  /** If there are few changes, each is drawn; else at least those that came out badly. */
  private Fold<Deed> shown(Part part) {
    boolean few = part.deeds().stream().filter(Deed::change).count() <= each;
    return Fold.of(
        part.deeds(), each, deed -> deed.outcome().standsOut() || (few && deed.change()));
  }

  /** A line for each node, and as many as ran beside each other. */
  private void lanes(List<Deed> deeds, int limit) {
    Map<String, List<Deed>> nodes = new TreeMap<>();
    deeds.forEach(deed -> nodes.computeIfAbsent(deed.node(), key -> new ArrayList<>()).add(deed));
    nodes.forEach(
        (node, own) -> {
          List<List<Deed>> lanes = Lanes.of(own, limit);
          long changes = own.stream().filter(Deed::change).count();
          String label =
              node
                  + ": "
                  + Words.count(own.size(), "operation")
                  + ", "
                  + Words.count((int) changes, "change");
          row(
              ".node",
              () -> html.text(node),
              label,
              lanes.size(),
              () -> {
                for (int lane = 0; lane < lanes.size(); lane++) {
                  for (Deed deed : lanes.get(lane)) {
                    String kind = (deed.change() ? "change" : "probe") + "." + css(deed.outcome());
                    bar(kind, deed.start(), deed.end(), lane, title(deed));
                  }
                }
              });
        });
  }

  private static String title(Deed deed) {
    return "%s %s, %s, %s%s%n%s"
        .formatted(
            deed.wire(),
            deed.change() ? "change" : "probe",
            deed.outcome().words(),
            Durations.show(deed.took()),
            deed.figures().isEmpty() ? "" : ", " + deed.figures(),
            Words.line(deed.text(), TEXT));
  }

  private void waits(Instant from, Instant to) {
    gaps.forEach(
        gap -> {
          Instant start = gap.start().isBefore(from) ? from : gap.start();
          Instant end = gap.end().isAfter(to) ? to : gap.end();
          if (start.isBefore(end)) {
            String text = (scale.shortens(gap) ? "⫽ " : "") + Durations.show(gap.took());
            html.leaf("i.bar.wait", text, "style", scale.place(start, end), "title", gap.words());
          }
        });
  }

  private void bar(String kind, Instant from, Instant to, int lane, String title) {
    html.leaf(
        "i.bar." + kind,
        "",
        "style",
        scale.place(from, to) + ";top:" + (lane * LANE + 2) + "px",
        "title",
        title);
  }

  private void row(String kind, Runnable label, String description, int lanes, Runnable track) {
    html.in(
        "div.row" + kind,
        () -> {
          html.in("div.label", label);
          String height = "height:" + (lanes * LANE + 2) + "px";
          if (description.isEmpty()) {
            html.in("div.track", track, "aria-hidden", "true");
          } else {
            html.in("div.track", track, "role", "img", "aria-label", description, "style", height);
          }
        });
  }

  private void details(Part part, Fold<Deed> deeds) {
    int changes = (int) part.deeds().stream().filter(Deed::change).count();
    html.leaf(
        "summary",
        part.deeds().isEmpty()
            ? "what it returned"
            : Words.count(part.deeds().size(), "operation")
                + (changes == 0 ? "" : ", " + Words.count(changes, "change")));
    if (!part.value().isEmpty()) {
      html.leaf("p.value", "It returned: " + Words.line(part.value(), 1_000));
    }
    if (!deeds.shown().isEmpty()) {
      Tables.of(
          html,
          "Operations of " + part.name(),
          List.of("at", "node", "what", "text", "took", "outcome"),
          deeds.shown().stream()
              .sorted(Comparator.comparing(Deed::start))
              .map(
                  deed ->
                      List.<Object>of(
                          Words.clock(deed.start()),
                          deed.node(),
                          deed.wire() + (deed.change() ? " change" : " probe"),
                          Words.line(deed.text(), TEXT),
                          Durations.show(deed.took()),
                          came(deed)))
              .collect(Collectors.toList()));
    }
    if (deeds.left() > 0) {
      html.leaf(
          "p.left",
          Words.count(deeds.left(), "more operation")
              + " not shown; see pgrunbook log -v "
              + account.run().id()
              + ".");
    }
  }

  private static String came(Deed deed) {
    return deed.outcome().words()
        + (deed.figures().isEmpty() ? "" : ", " + deed.figures())
        + (deed.error().isEmpty() ? "" : ": " + Words.line(deed.error(), 300));
  }

  private static String css(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
