"""The benchmark. An app adds cases of its own in a module `bench.cases`, with `referrals.bench.frame.case`."""
