with metrics as (
    select
        metric, version, name, unit, kind, time_basis, entity, additive_posts, additive_days, additive_accounts,
        documentation
    from {{ ref('metrics') }}
),

composites as (
    -- a sum of metrics is what its components are: additive only where each of them is
    select
        composites.composite as metric,
        max(composites.version) as version,
        upper(substr(composites.composite, 1, 1)) || replace(substr(composites.composite, 2), '_', ' ') as name,
        max(metrics.unit) as unit,
        max(metrics.kind) as kind,
        max(metrics.time_basis) as time_basis,
        max(metrics.entity) as entity,
        bool_and(metrics.additive_posts) as additive_posts,
        bool_and(metrics.additive_days) as additive_days,
        bool_and(metrics.additive_accounts) as additive_accounts,
        max(composites.documentation) as documentation
    from {{ ref('composites') }} as composites
    inner join metrics on composites.component = metrics.metric
    group by composites.composite
),

rates as (
    select
        rate as metric,
        version,
        name,
        'ratio' as unit,
        'rate' as kind,
        'lifetime' as time_basis,
        'post' as entity,
        false as additive_posts,
        false as additive_days,
        false as additive_accounts,
        documentation
    from {{ ref('rates') }}
)

select * from metrics
union all
select * from composites
union all
select * from rates
