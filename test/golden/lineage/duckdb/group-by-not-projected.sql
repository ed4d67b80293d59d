select count(*) as n from plan group by site_id
