# thz_add_library(NAME folder-relative sources...): target thz_NAME, alias thz::NAME, include/ public.
set(THZ_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, comma separated; empty for none")

function(thz_configure_target target)
  target_compile_features(${target} PUBLIC cxx_std_17)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow
    $<$<BOOL:${THZ_WARNINGS_AS_ERRORS}>:-Werror>)
  if(THZ_SANITIZE)
    # GCC 12 takes its own instrumentation of std::function and std::regex for uninitialised reads.
    target_compile_options(${target} PRIVATE -fsanitize=${THZ_SANITIZE} -fno-omit-frame-pointer
      $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(${target} PUBLIC -fsanitize=${THZ_SANITIZE})
  endif()
endfunction()

function(thz_add_library name)
  add_library(thz_${name} STATIC ${ARGN})
  add_library(thz::${name} ALIAS thz_${name})
  set_target_properties(thz_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY THZ_LIBRARIES ${name})
  target_include_directories(thz_${name} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  thz_configure_target(thz_${name})
  install(TARGETS thz_${name} EXPORT thzfaceTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include)
    install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endif()
endfunction()

# Programs land in one place, whatever folder made them.
function(thz_add_program name)
  add_executable(${name} ${ARGN})
  thz_configure_target(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# thz_add_test(NAME sources...): one Catch2 program for a library, its cases registered with CTest.
function(thz_add_test name)
  add_executable(thz_${name}_tests ${ARGN})
  thz_configure_target(thz_${name}_tests)
  target_link_libraries(thz_${name}_tests PRIVATE Catch2::Catch2WithMain thz::core)
  target_include_directories(thz_${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(thz_${name}_tests PRIVATE THZ_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND thz_${name}_tests)
endfunction()
