package org.pgrunbook.runbook;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.journal.Json;
import org.pgrunbook.runbook.Outline.Item;
import org.pgrunbook.runbook.Outline.Kind;
import org.pgrunbook.runbook.Outline.Span;

/**
 * All that is known of a runbook that can be run: its classes, and what reading its source told.
 *
 * @param main the name of the script's class
 * @param signature its parameters and steps
 * @param outline what it goes through
 * @param mistakes advice; what forbids running has no compiled form
 * @param classes bytecode by the name of the class
 */
record CompiledForm(
    String main,
    Signature signature,
    Outline outline,
    List<Mistake> mistakes,
    Map<String, byte[]> classes) {

  /** What is written in front of the classes. */
  private record Head(String main, Signature signature, Outline outline, List<Mistake> mistakes) {}

  byte[] bytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      byte[] head =
          Json.line(new Head(main, signature, outline, mistakes)).getBytes(StandardCharsets.UTF_8);
      out.writeInt(head.length);
      out.write(head);
      out.writeInt(classes.size());
      for (Map.Entry<String, byte[]> type : classes.entrySet()) {
        out.writeUTF(type.getKey());
        out.writeInt(type.getValue().length);
        out.write(type.getValue());
      }
    }
    return bytes.toByteArray();
  }

  static CompiledForm of(byte[] bytes, Source source) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      byte[] text = in.readNBytes(in.readInt());
      Map<String, Object> head = Json.object(new String(text, StandardCharsets.UTF_8));
      Map<String, byte[]> classes = new LinkedHashMap<>();
      for (int left = in.readInt(); left > 0; left--) {
        String name = in.readUTF();
        classes.put(name, in.readNBytes(in.readInt()));
      }
      Map<String, Object> signature = map(head.get("signature"));
      return new CompiledForm(
          (String) head.get("main"),
          new Signature(
              source.name(),
              maps(signature.get("parameters")).stream().map(CompiledForm::parameter).toList(),
              texts(signature.get("steps"))),
          new Outline(
              maps(map(head.get("outline")).get("items")).stream()
                  .map(CompiledForm::item)
                  .toList()),
          maps(head.get("mistakes")).stream()
              .map(fields -> Mistake.kept(fields, source.file().toString()))
              .toList(),
          classes);
    }
  }

  private static Parameter parameter(Map<String, Object> map) {
    return new Parameter(
        (String) map.get("name"),
        (String) map.get("type"),
        (String) map.get("help"),
        Optional.ofNullable((String) map.get("defaultText")),
        (Boolean) map.get("required"),
        Optional.ofNullable((String) map.get("min")),
        Optional.ofNullable((String) map.get("max")),
        (Boolean) map.get("target"),
        number(map, "line"));
  }

  private static Item item(Map<String, Object> map) {
    Map<String, Object> span = map(map.get("span"));
    return new Item(
        Kind.valueOf(((String) map.get("kind")).toUpperCase(java.util.Locale.ROOT)),
        (String) map.get("text"),
        number(map, "depth"),
        new Span(
            number(span, "line"),
            number(span, "column"),
            number(span, "lastLine"),
            number(span, "lastColumn")),
        texts(map.get("changes")));
  }

  private static int number(Map<String, Object> map, String name) {
    return ((Number) map.get(name)).intValue();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> maps(Object value) {
    return (List<Map<String, Object>>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<String> texts(Object value) {
    return (List<String>) value;
  }

  /** The script's class, defined anew. */
  Class<? extends Runbook> define() {
    var loader =
        new ClassLoader(Runbook.class.getClassLoader()) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] type = classes.get(name);
            if (type == null) {
              throw new ClassNotFoundException(name);
            }
            return defineClass(name, type, 0, type.length);
          }
        };
    try {
      return loader.loadClass(main).asSubclass(Runbook.class);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
