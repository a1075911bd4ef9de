with fields as (
    -- what a platform says today, under the name that the account's own interface or export gives
    select metric, {{ sorted_list("platform || ': ' || field") }} as fields
    from {{ ref('platform_fields') }}
    where valid_to is null
    group by metric
),

ended as (
    select metric, {{ sorted_list("platform || ': ' || field") }} as fields_ended
    from {{ ref('platform_fields') }}
    where valid_to is not null
    group by metric
),

read as (
    select metric, {{ sorted_list('platform') }} as read_on
    from {{ ref('platform_fields') }}
    where read_by is not null and valid_to is null
    group by metric
),

breaks as (
    select metric, {{ sorted_list("platform || ': ' || note") }} as breaks
    from {{ ref('int_metric_breaks') }}
    group by metric
),

denominators as (
    select measure as metric, {{ sorted_list('denominator') }} as denominators
    from {{ ref('denominators') }}
    group by measure
),

formulas as (
    select composite as metric, {{ sorted_list("case when sign < 0 then '- ' || component else '+ ' || component end") }} as formula
    from {{ ref('composites') }}
    group by composite
    union all
    select rate as metric, numerator || ' / ' || denominator as formula
    from {{ ref('rates') }}
)

select
    workspaces.workspace_id,
    registry.metric,
    registry.version,
    registry.name,
    registry.unit,
    registry.kind,
    registry.time_basis,
    registry.entity,
    registry.additive_posts,
    registry.additive_days,
    registry.additive_accounts,
    formulas.formula,
    denominators.denominators,
    fields.fields,
    ended.fields_ended,
    read.read_on,
    breaks.breaks,
    registry.documentation
from {{ ref('int_metric_registry') }} as registry
cross join {{ ref('stg_workspace') }} as workspaces
left join formulas
    on registry.metric = formulas.metric
left join denominators
    on registry.metric = denominators.metric
left join fields
    on registry.metric = fields.metric
left join ended
    on registry.metric = ended.metric
left join read
    on registry.metric = read.metric
left join breaks
    on registry.metric = breaks.metric
