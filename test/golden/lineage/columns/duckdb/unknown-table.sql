select x.a, * from nowhere x
