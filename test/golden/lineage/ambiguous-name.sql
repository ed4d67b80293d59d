select name from plan, site where site.site_id = plan.site_id
