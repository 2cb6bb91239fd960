package org.pgrunbook.reference

import com.sun.source.doctree.*
import groovy.transform.CompileStatic

/** Makes Markdown of what a comment says. */
@CompileStatic
class Prose {
    private static final String PARAGRAPH = '\u00b6'
    private static final String LINE = '\u2028'

    private final StringBuilder text = new StringBuilder()
    private String href = ''
    private int headings = 0
    private boolean skips = false

    static Told of(DocCommentTree comment) {
        if (!comment) {
            return Told.NOTHING
        }
        Map<String, String> parameters = [:]
        String gives = ''
        List<String> failures = []
        List<String> pages = []
        for (tag in comment.blockTags) {
            if (tag instanceof ParamTree) {
                parameters[tag.name.toString()] = line(tag.description)
            } else if (tag instanceof ReturnTree) {
                gives = line(tag.description)
            } else if (tag instanceof ThrowsTree) {
                failures << failure(line(tag.description))
            } else if (tag instanceof SeeTree) {
                def there = tag.reference.first()
                pages << (there instanceof ReferenceTree ? "See ${name(there)}." : "PostgreSQL: ${line(tag.reference)}.").toString()
            }
        }
        def text = paragraphs(comment.fullBody)
        new Told(text, parameters, gives, failures, pages, !text.empty && text.first().startsWith('For verbs: '))
    }

    /** {@code with exit 3 if it is held}: how a run ends. */
    private static String failure(String text) {
        text.startsWith('with exit') ? "Ends ${text.replaceFirst(/^with exit/, 'with').replace('with exit', 'with')}.".toString() : "Fails ${text}.".toString()
    }

    private static List<String> paragraphs(List<? extends DocTree> trees) {
        line(trees).split(PARAGRAPH).toList()*.trim().findAll { it }
    }

    private static String line(List<? extends DocTree> trees) {
        def prose = new Prose()
        for (tree in trees) {
            prose.add(tree)
        }
        // The traps by whose numbers specifications are named are the specifications' matter.
        prose.text.toString().replaceAll(/\s*\((P\d+(, )?)+\)/, '').replaceAll(/\s+/, ' ')
            .replaceAll(/ ?$LINE ?/, '\n').trim()
    }

    private void add(DocTree tree) {
        if (tree instanceof StartElementTree) {
            start(tree)
        } else if (tree instanceof EndElementTree) {
            end(tree.name.toString())
        } else if (!skips) {
            text << inline(tree)
        }
    }

    private static String inline(DocTree tree) {
        if (tree instanceof TextTree) {
            return tree.body
        } else if (tree instanceof LiteralTree) {
            def body = tree.body.body.trim().replaceAll(/\s+/, ' ')
            return tree.kind == DocTree.Kind.CODE ? '`' + body + '`' : body
        } else if (tree instanceof LinkTree) {
            return link(tree)
        } else if (tree instanceof EntityTree) {
            return [lt: '<', gt: '>', amp: '&', nbsp: ' '].get(tree.name.toString(), '')
        }
        throw new IllegalStateException("a comment says $tree")
    }

    private static String link(LinkTree link) {
        def label = line(link.label)
        if (label) {
            return link.kind == DocTree.Kind.LINK_PLAIN ? label : '`' + label + '`'
        }
        name(link.reference)
    }

    private static String name(ReferenceTree to) {
        def path = to.signature.replaceFirst(/(?s)\(.*/, '').replaceFirst(/^#/, '').replace('#', '.')
        '`' + path.replaceFirst(/^(?:[a-z]+\.)+(?=[A-Z])/, '').replaceFirst(/(^|\.)get(?=[A-Z])/, '$1') + '`'
    }

    private void start(StartElementTree element) {
        switch (element.name.toString()) {
            case 'p': case 'table': text << PARAGRAPH; break
            case 'li': text << PARAGRAPH << '* '; break
            case 'tr': text << LINE << '|'; headings = 0; break
            case 'th': text << ' '; headings++; break
            case 'td': text << ' '; break
            case 'caption': skips = true; break
            case 'a':
                text << '['
                for (attribute in element.attributes) {
                    if (attribute instanceof AttributeTree && attribute.name.toString() == 'href') {
                        href = line(attribute.value)
                    }
                }
        }
    }

    private void end(String name) {
        switch (name) {
            case 'th': case 'td': text << ' |'; break
            case 'tr':
                if (headings) {
                    text << LINE << '|' << '---|' * headings
                }
                break
            case 'table': text << PARAGRAPH; break
            case 'caption': skips = false; break
            case 'a': text << "]($href)"
        }
    }
}
