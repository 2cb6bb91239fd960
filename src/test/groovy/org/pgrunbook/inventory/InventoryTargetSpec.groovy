package org.pgrunbook.inventory

import org.pgrunbook.Exit
import org.pgrunbook.Problem

class InventoryTargetSpec extends InventorySpecification {
    Inventory inventory

    def setup() {
        inventory = read('clusters: { orders: { nodes: { pg1: { host: a, role: primary }, pg2: { host: b, role: standby } } } }')
    }

    def "#text is a target"() {
        when:
        def target = inventory.target(text)

        then:
        target.cluster().name() == 'orders'
        target.node().map { it.name() } == Optional.ofNullable(node)
        target.toString() == text

        where:
        text         || node
        'orders'     || null
        'orders/pg2' || 'pg2'
    }

    def "#text is no target: #fact"() {
        when:
        inventory.target(text)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == fact
        problem.hints() == [hint]

        where:
        text           || fact                                         | hint
        'ordres'       || 'cluster "ordres" is not in the inventory'   | 'Did you mean "orders"?'
        'ordres/pg1'   || 'cluster "ordres" is not in the inventory'   | 'Did you mean "orders"?'
        'orders/pg9'   || 'node "pg9" is not in cluster "orders"'      | 'Did you mean "pg1"?'
        'orders/'      || 'node "" is not in cluster "orders"'         | 'Known are: pg1, pg2.'
        'billing'      || 'cluster "billing" is not in the inventory'  | 'Known are: orders.'
    }
}
