-- fixed ends: the clock is never read, and no platform is older than the first day
select {{ each_day("date '2004-01-01'", "date '2039-12-31'") }} as day
