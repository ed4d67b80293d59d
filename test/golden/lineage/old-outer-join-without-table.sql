select p.plan_id, s.site_id, code from plan p, site s where code(+) = upper(p.name) and s.name(+) = 'x'
