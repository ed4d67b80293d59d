select p.name, u.word from sample_plan p, unnest(string_split(p.description, ' ')) as u(word) where u.word <> ''
