# OpenCV::core and OpenCV::imgproc from the small packages, which ship no CMake config.
find_path(OpenCVSmall_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
find_library(OpenCVSmall_core_LIBRARY opencv_core)
find_library(OpenCVSmall_imgproc_LIBRARY opencv_imgproc)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVSmall REQUIRED_VARS
  OpenCVSmall_core_LIBRARY OpenCVSmall_imgproc_LIBRARY OpenCVSmall_INCLUDE_DIR)
if(OpenCVSmall_FOUND AND NOT TARGET OpenCV::core)
  foreach(module core imgproc)
    add_library(OpenCV::${module} UNKNOWN IMPORTED)
    set_target_properties(OpenCV::${module} PROPERTIES
      IMPORTED_LOCATION ${OpenCVSmall_${module}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${OpenCVSmall_INCLUDE_DIR})
  endforeach()
  set_target_properties(OpenCV::imgproc PROPERTIES INTERFACE_LINK_LIBRARIES OpenCV::core)
endif()
