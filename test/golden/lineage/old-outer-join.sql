select p.plan_id, s.name from plan p, site s where s.site_id(+) = p.site_id
