select x.id, x.n from (select plan_id id, name n, site_id from plan where site_id in (select site_id from site)) x
