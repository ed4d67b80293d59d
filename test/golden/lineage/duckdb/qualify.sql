select site_id, value, at from reading where site_id is not null qualify row_number() over (partition by site_id order by at desc) = 1
