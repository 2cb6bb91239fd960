import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs google-java-format over a source tree: {@code Format.java JAR check|fix DIRECTORY}. */
class Format {
  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java")));
    for (String part : List.of("api", "code", "file", "parser", "tree", "util")) {
      command.add("--add-exports=jdk.compiler/com.sun.tools.javac." + part + "=ALL-UNNAMED");
    }
    command.addAll(List.of("-jar", args[0]));
    boolean fix = args[1].equals("fix");
    command.addAll(fix ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    try (var files = Files.walk(Path.of(args[2]))) {
      files.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(command::add);
    }
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (exit != 0 && !fix) {
      System.err.println("the files above are not formatted");
      System.err.println("HINT: run 'mvn process-classes exec:exec@format-check -Dformat.mode=fix'.");
    }
    System.exit(exit);
  }
}
