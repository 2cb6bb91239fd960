/**
 * The inventory: which clusters, nodes and repositories there are, as immutable records read from
 * YAML.
 */
package org.pgrunbook.inventory;
