package org.pgrunbook.reference

import com.sun.source.tree.*
import com.sun.source.util.DocTrees
import com.sun.source.util.JavacTask
import com.sun.source.util.TreePath
import groovy.transform.CompileStatic

import javax.lang.model.element.Modifier
import javax.tools.JavaFileObject
import javax.tools.ToolProvider
import java.nio.file.Files
import java.nio.file.Path

/** Reads the sources of pgrunbook as the compiler does, for what they say of themselves. */
@CompileStatic
class Sources {
    static final Path HOME = Path.of(System.getProperty('pgrunbook.home'))

    /** What the extension classes add to types; those whose name is no type of ours belong to Java. */
    final List<Word> verbs = []

    /** The types of all packages, by the name that a runbook writes. */
    final Map<String, Kind> kinds = [:]

    private final Set<String> extensions
    private DocTrees comments

    Sources() {
        def module = new Properties()
        getClass().getResourceAsStream('/META-INF/groovy/org.codehaus.groovy.runtime.ExtensionModule').withCloseable { module.load(it) }
        extensions = module.getProperty('extensionClasses').split(',')*.trim() as Set
        def compiler = ToolProvider.systemJavaCompiler
        def files = compiler.getStandardFileManager(null, null, null)
        List<Path> all = Files.walk(HOME.resolve('src/main/java')).withCloseable { paths ->
            paths.filter { it.toString().endsWith('.java') && !it.endsWith('package-info.java') }.sorted().toList()
        }
        def task = compiler.getTask(null, files, null, [], null, files.getJavaFileObjectsFromPaths(all) as Iterable<JavaFileObject>) as JavacTask
        comments = DocTrees.instance(task)
        for (unit in task.parse()) {
            def pack = unit.packageName.toString()
            for (tree in unit.typeDecls) {
                if (tree instanceof ClassTree) {
                    read(new TreePath(new TreePath(unit), tree), tree, pack, '')
                }
            }
        }
    }

    private void read(TreePath path, ClassTree tree, String pack, String outer) {
        def name = (outer ? outer + '.' : '') + tree.simpleName
        boolean isOpen = tree.kind == Tree.Kind.INTERFACE
        List<Word> words = []
        Map<String, String> components = [:]
        Map<String, String> constants = [:]
        for (member in tree.members) {
            def at = new TreePath(path, member)
            def told = Prose.of(comments.getDocCommentTree(at))
            if (member instanceof ClassTree) {
                if (isOpen || isPublic(member.modifiers)) {
                    read(at, member, pack, name)
                }
            } else if (member instanceof VariableTree) {
                if (tree.kind == Tree.Kind.RECORD && !(Modifier.STATIC in member.modifiers.flags)) {
                    components[member.name.toString()] = type(member.type)
                } else if (tree.kind == Tree.Kind.ENUM && type(member.type) == tree.simpleName.toString()) {
                    constants[member.name.toString()] = told.flat() ?: sentence(member)
                }
            } else if (member instanceof MethodTree && member.returnType != null) {
                boolean speaks = (isOpen || isPublic(member.modifiers)) && !has(member, 'Override')
                if (speaks && "${pack}.$name".toString() in extensions) {
                    verbs << verb(member, name, told)
                } else if (speaks) {
                    words << word(name, name, member, given(member.parameters), Modifier.STATIC in member.modifiers.flags, told)
                }
            }
        }
        if (outer || isPublic(tree.modifiers)) {
            def above = tree.extendsClause ? type(tree.extendsClause) : ''
            kinds[name] = new Kind(name, pack, components, constants, words.findAll { !it.told().hidden() }, above,
                Prose.of(comments.getDocCommentTree(path)))
        }
    }

    /** What an enum's constant carries as its meaning, where it has no comment. */
    private static String sentence(VariableTree constant) {
        constant.initializer.toString().find(/"(\w+[,; ][^"]*)"/)?.replace('"', '') ?: ''
    }

    private static Word verb(MethodTree method, String from, Told told) {
        word(type(method.parameters.first().type), from, method, given(method.parameters.tail()), false, told)
    }

    private static Word word(String owner, String from, MethodTree method, List<Word.Given> given, boolean isFixed, Told told) {
        def name = method.name.toString()
        boolean property = !given && name.matches('get[A-Z].*|getkB')
        new Word(owner, from, name, isFixed, property, type(method.returnType), given, has(method, 'Changes'), told)
    }

    private static List<Word.Given> given(List<? extends VariableTree> parameters) {
        parameters.collect {
            def written = type(it.type)
            new Word.Given(it.toString().contains('...') ? written.replaceFirst(/\[\]$/, '') + '...' : written, it.name.toString())
        }
    }

    private static boolean has(MethodTree method, String annotation) {
        method.modifiers.annotations.any { it.annotationType.toString() == annotation }
    }

    private static boolean isPublic(ModifiersTree modifiers) {
        Modifier.PUBLIC in modifiers.flags
    }

    private static String type(Tree tree) {
        tree.toString().replaceAll(/@\w+(\([^)]*\))? ?/, '').replaceAll(/\b(?:[a-z]\w*\.)+(?=[A-Z])/, '').replace(',', ', ').replaceAll(/ +/, ' ')
    }
}
