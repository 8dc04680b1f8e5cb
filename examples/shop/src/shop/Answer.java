package shop;

/** What a request gets: a status and a body that becomes JSON; a String is JSON already. */
record Answer(int status, Object body) {}
