select date_trunc('day', at) as day, site_id, avg(value) as mean from reading where at is not null and site_id > 0 group by day, 2
