select s.site_id, p.name from plan p left join site s on s.site_id = p.site_id and p.plan_id = 5
