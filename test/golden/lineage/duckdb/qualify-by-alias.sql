select r.*, row_number() over (partition by site_id, at order by value) as nr from reading r where site_id > 0 and at is not null qualify nr = 1
