/** Reports: what a run did, read from its journal, as a page or as text for a post-mortem. */
package org.pgrunbook.report;
