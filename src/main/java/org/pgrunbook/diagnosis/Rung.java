package org.pgrunbook.diagnosis;

/**
 * Something that could be done about an incident; a list of them is a ladder, the safest first.
 * Made by {@code new Rung(next, breaks, command)}.
 *
 * @param next what
 * @param breaks what it costs, and whom
 * @param command how: a statement, or a command of the operator's machine
 */
public record Rung(String next, String breaks, String command) {}
