with metrics as (
    select metric, platform, valid_from as break_day, source as note
    from {{ ref('platform_fields') }}
    where breaks_series and valid_from is not null
),

composites as (
    select
        components.composite as metric,
        metrics.platform,
        metrics.break_day,
        metrics.note
    from metrics
    inner join {{ ref('int_composite_components') }} as components
        on metrics.platform = components.platform and metrics.metric = components.component
),

measures as (
    select metric, platform, break_day, note from metrics
    union all
    select metric, platform, break_day, note from composites
),

rates as (
    -- a rate breaks where either of its parts does
    select
        rates.rate as metric,
        measures.platform,
        measures.break_day,
        measures.note
    from {{ ref('rates') }} as rates
    inner join measures on rates.numerator = measures.metric or rates.denominator = measures.metric
    where rates.platform is null or measures.platform = rates.platform
),

every_break as (
    select metric, platform, break_day, note from measures
    union all
    select metric, platform, break_day, note from rates
)

-- several parts may break on one day
select
    metric,
    platform,
    break_day,
    min(note) as note
from every_break
group by metric, platform, break_day
