/** The wire to objects: an S3 bucket or a directory, with the same promises. */
package org.pgrunbook.store;
