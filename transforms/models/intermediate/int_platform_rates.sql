with measured as (
    select platform, metric as measure from {{ ref('platform_fields') }}
    union
    select platform, composite as measure from {{ ref('int_composite_components') }}
)

select
    numerators.platform,
    rates.rate
from {{ ref('rates') }} as rates
inner join measured as numerators on rates.numerator = numerators.measure
inner join measured as denominators
    on rates.denominator = denominators.measure and numerators.platform = denominators.platform
where rates.platform is null or rates.platform = numerators.platform
