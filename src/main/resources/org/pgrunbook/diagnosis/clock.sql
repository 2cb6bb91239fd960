-- What time it is on the server.
-- unit: an instant by the server's clock
-- needs: nothing
-- see: functions-datetime.html#FUNCTIONS-DATETIME-CURRENT
select clock_timestamp() as now
