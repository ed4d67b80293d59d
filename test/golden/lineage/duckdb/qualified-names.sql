select main.plan.name, memory.main.site.code from main.plan, memory.main.site
