-- Whether the server speaks TLS, and from which file it takes its certificate, relative to the data directory
-- unless it is absolute.
-- unit: a flag; a path
-- needs: nothing
-- see: ssl-tcp.html
select current_setting('ssl')::boolean as on, current_setting('ssl_cert_file') as file
