select distinct on (site_id) site_id, value, at from reading where site_id is not null order by at desc
