{#-
    The one listing of the measures that marts show as columns. All are registry ids; a contract test compares them.
    Long form stays the source: these macros only turn rows into columns.
-#}

{% macro wide_metrics() -%}
    {{ return([
        'impressions', 'reach', 'views', 'reactions', 'comments', 'shares', 'saves', 'clicks', 'watch_time_hours',
        'engagements_public', 'engagements_full',
    ]) }}
{%- endmacro %}


{% macro wide_rates() -%}
    {{ return([
        'engagement_rate_by_reach', 'engagement_rate_by_impressions', 'engagement_rate_by_views',
        'engagement_rate_by_followers',
    ]) }}
{%- endmacro %}


{% macro pivot_one(name_column, value_column, names) -%}
    {#- One column per name; the grain holds at most one row per name, so `max` picks it. -#}
    {%- for name in names %}
        max(case when {{ name_column }} = '{{ name }}' then {{ value_column }} end) as {{ name }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}


{% macro additive_sums(names) -%}
    {#-
        One summed column per measure over rows of int_post_measures. The registry decides: a measure that is not
        additive over posts gives NULL, never a sum.
    -#}
    {%- for name in names %}
        {{ exact_sum("case when measure = '" ~ name ~ "' and additive_posts then value end") }} as {{ name }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
