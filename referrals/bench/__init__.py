"""The benchmark. An app adds cases in a module `bench.cases`, with the decorator `referrals.bench.measuring.case`."""
